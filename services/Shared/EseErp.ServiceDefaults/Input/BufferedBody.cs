using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace EseErp.ServiceDefaults;

/// <summary>
/// A request's JSON body, kept in memory while the request lasts, so that a body that does not bind can be explained
/// field by field, and so that a retry with the same Idempotency-Key can be compared with the first.
/// </summary>
public sealed class BufferedBody : IRequestBodyPipeFeature, IDisposable
{
    private byte[] buffer;
    private int length;

    private BufferedBody(int capacity) => buffer = ArrayPool<byte>.Shared.Rent(capacity);

    /// <summary>The body as sent. Not to be used once the request has ended.</summary>
    public ReadOnlyMemory<byte> Bytes => buffer.AsMemory(0, length);

    /// <inheritdoc />
    public PipeReader Reader { get; private set; } = null!;

    /// <inheritdoc />
    public void Dispose()
    {
        var rented = Interlocked.Exchange(ref buffer, []);
        length = 0;
        if (rented.Length > 0) ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>Reads the body of a request that is about to be bound, as the intake of every service does.</summary>
    /// <exception cref="BadHttpRequestException">413: the body is longer than <paramref name="limit"/>.</exception>
    public static async Task<BufferedBody> ReadAsync(HttpContext context, long limit)
    {
        ArgumentNullException.ThrowIfNull(context);
        var request = context.Request;
        if (request.ContentLength > limit) throw TooLarge(limit);

        var body = new BufferedBody((int)(request.ContentLength ?? 4096) + 1);
        context.Response.RegisterForDispose(body);
        var source = request.Body;
        int read;
        while ((read = await source.ReadAsync(body.buffer.AsMemory(body.length), context.RequestAborted)) > 0)
        {
            body.length += read;
            if (body.length > limit) throw TooLarge(limit);
            if (body.length == body.buffer.Length) body.Grow();
        }

        body.Reader = PipeReader.Create(new ReadOnlySequence<byte>(body.Bytes));
        request.Body = new MemoryStream(body.buffer, 0, body.length, writable: false);
        context.Features.Set<IRequestBodyPipeFeature>(body);
        context.Features.Set(body);
        return body;
    }

    private static BadHttpRequestException TooLarge(long limit) =>
        new($"must not be longer than {limit} bytes", StatusCodes.Status413PayloadTooLarge);

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }
}
