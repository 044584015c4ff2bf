using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.WebUtilities;

namespace EseErp.ServiceDefaults;

/// <summary>
/// Gives what Kestrel itself refuses, before there is a request that a middleware could answer, a problem as its body. Kestrel
/// has no place to say it, so it is put in on the way out. Such an answer is told by what every other one has: a correlation id.
/// </summary>
internal static class RefusalBodies
{
    public static void GiveRefusalsBodies(this ListenOptions listen) => listen.Use(static next => connection =>
    {
        connection.Transport = new Wire(connection.Transport.Input, new Outgoing(connection.Transport.Output));
        return next(connection);
    });

    /// <summary>The same answer with a body; null for any that is not Kestrel's own refusal.</summary>
    private static byte[]? WithBody(ReadOnlySpan<byte> head)
    {
        if (!head.StartsWith("HTTP/1.1 "u8) || head.Length < 13 || head[9] is not ((byte)'4' or (byte)'5')) return null;
        if (!head.EndsWith("\r\n\r\n"u8) || head.IndexOf("\r\nX-Correlation-Id:"u8) >= 0) return null;
        var length = head.IndexOf("\r\nContent-Length: 0\r\n"u8);
        if (length < 0) return null;

        var status = ((head[9] - '0') * 100) + ((head[10] - '0') * 10) + (head[11] - '0');
        var body = JsonSerializer.SerializeToUtf8Bytes(new { type = ProblemWriter.TypeOf(status), title = ReasonPhrases.GetReasonPhrase(status), status, detail = DetailOf(status) });
        return
        [
            .. head[..length],
            .. Encoding.ASCII.GetBytes($"\r\nContent-Type: {ProblemWriter.ContentType}\r\nContent-Length: {body.Length}\r\n"),
            .. head[(length + "\r\nContent-Length: 0\r\n".Length)..],
            .. body,
        ];
    }

    private static string DetailOf(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "This is not a well-formed HTTP request: its request line, a header, Host or the length of its body is wrong.",
        StatusCodes.Status408RequestTimeout => "The request took too long to arrive.",
        StatusCodes.Status413PayloadTooLarge => "The body is too long.",
        StatusCodes.Status414UriTooLong => "The address is too long.",
        StatusCodes.Status431RequestHeaderFieldsTooLarge => "There are too many headers, or they are too long.",
        StatusCodes.Status505HttpVersionNotsupported => "This service supports HTTP/1.0 and HTTP/1.1.",
        _ => "The request cannot be processed.",
    };

    private sealed record Wire(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    /// <summary>Looks at what is written; Kestrel writes the head of an answer in one piece.</summary>
    private sealed class Outgoing(PipeWriter wire) : PipeWriter
    {
        private Memory<byte> given;

        public override bool CanGetUnflushedBytes => wire.CanGetUnflushedBytes;

        public override long UnflushedBytes => wire.UnflushedBytes;

        public override Memory<byte> GetMemory(int sizeHint = 0) => given = wire.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public override void Advance(int bytes)
        {
            if (WithBody(given.Span[..bytes]) is { } whole)
                wire.Write(whole);
            else
                wire.Advance(bytes);
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => wire.FlushAsync(cancellationToken);

        public override void CancelPendingFlush() => wire.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => wire.Complete(exception);

        public override ValueTask CompleteAsync(Exception? exception = null) => wire.CompleteAsync(exception);
    }
}
