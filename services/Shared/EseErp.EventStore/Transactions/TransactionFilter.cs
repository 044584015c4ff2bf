using System.Text;
using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;

namespace EseErp.EventStore;

/// <summary>
/// Runs an endpoint in one unit of work and, when the request carries an <c>Idempotency-Key</c>, answers a repeated request
/// with the first one's answer. An answer of 2xx or 409 is committed and remembered; any other is rolled back, and the key
/// stays free for a corrected request. So is a <see cref="ConflictException"/>, which is answered with 409.
/// </summary>
public static class TransactionFilter
{
    public static RouteHandlerBuilder InTransaction(this RouteHandlerBuilder endpoint) =>
        endpoint.WithMetadata(new IdempotencyMetadata()).AddEndpointFilter(Invoke);

    /// <summary>The request's key, or null; a key that is too long or not printable is a problem of its own.</summary>
    public static bool TryReadKey(HttpRequest request, out string? key, out IResult? problem)
    {
        (key, problem) = (null, null);
        if (!request.Headers.TryGetValue(IdempotencyKeys.Header, out var values)) return true;
        key = values.ToString();
        if (values.Count == 1 && key.Length is > 0 and <= IdempotencyKeys.MaxLength && key.All(c => c is > ' ' and < '\x7f')) return true;
        problem = Problem(400, $"{IdempotencyKeys.Header} must be given once, as 1 to {IdempotencyKeys.MaxLength} printable ASCII characters without spaces.");
        return false;
    }

    private static bool TryReadDriver(HttpContext http, out IResult? problem)
    {
        problem = null;
        if (!http.Request.Headers.TryGetValue(Drivers.Header, out var values)) return true;
        if (values.Count == 1 && values.ToString() is { Length: > 0 and <= Drivers.MaxLength } driver && driver.All(c => c is > ' ' and < '\x7f'))
        {
            http.RequestServices.GetRequiredService<Drivers>().Caller = driver;
            return true;
        }

        problem = Problem(400, $"{Drivers.Header} must be given once, as 1 to {Drivers.MaxLength} printable ASCII characters without spaces.", Drivers.Header);
        return false;
    }

    public static IResult OtherBody() => Problem(422, "This key was used before with another request body.");

    private static async ValueTask<object?> Invoke(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (!TryReadKey(http.Request, out var key, out var problem)) return problem;
        if (!TryReadDriver(http, out problem)) return problem;

        var unit = http.RequestServices.GetRequiredService<UnitOfWork>();
        try
        {
            return await unit.Run(token => Handle(context, next, key, token), http.RequestAborted);
        }
        catch (RolledBack rolledBack)
        {
            return rolledBack.Answer;
        }
        catch (ConflictException conflict)
        {
            return Problems.Conflict(conflict.Message, new Dictionary<string, object?> { ["differences"] = conflict.Differences });
        }
    }

    private static async Task<object?> Handle(
        EndpointFilterInvocationContext context, EndpointFilterDelegate next, string? key, CancellationToken cancellationToken)
    {
        var http = context.HttpContext;
        var keys = http.RequestServices.GetRequiredService<IdempotencyKeys>();
        http.RequestServices.GetRequiredService<Causality>().CorrelationId = http.CorrelationId();
        var request = key is null ? null : IdempotentRequest.Of(http);
        if (request is not null)
        {
            switch (await keys.Claim(key!, request, cancellationToken))
            {
                case KeyClaim.OtherBody: throw new RolledBack(OtherBody());
                case KeyClaim.Answered answered: throw new RolledBack(new StoredResult(answered.Answer));
                case KeyClaim.InProgress: throw new RolledBack(Problem(409, "The same request is still being processed; try again later."));
            }
        }

        var result = await next(context);
        var inner = result is INestedHttpResult nested ? nested.Result : result;
        var status = inner is IStatusCodeHttpResult { StatusCode: { } code } ? code : 200;
        if (status >= 300 && status != StatusCodes.Status409Conflict) throw new RolledBack(result);

        // Written and committed with everything else when this returns.
        return request is null ? result : new StoredResult(keys.Answer(key!, request, await Capture(inner, http)));
    }

    /// <summary>Renders an answer without sending it, so that it can be stored before it is sent.</summary>
    public static async Task<StoredAnswer> Capture(object? result, HttpContext http)
    {
        var executable = result as IResult ?? TypedResults.Ok(result);
        var body = http.Response.Body;
        using var buffer = new MemoryStream();
        http.Response.Body = buffer;
        try
        {
            await executable.ExecuteAsync(http);
            await http.Response.BodyWriter.FlushAsync();
        }
        finally
        {
            http.Response.Body = body;
        }

        var answer = new StoredAnswer(
            http.Response.StatusCode, http.Response.Headers.Location, buffer.Length == 0 ? null : Encoding.UTF8.GetString(buffer.ToArray()));
        // The attempt may lose a race and be made again, with another answer: nothing of this one stays on the response.
        http.Response.StatusCode = StatusCodes.Status200OK;
        http.Response.Headers.ContentLength = null;
        http.Response.Headers.Remove("Location");
        http.Response.Headers.Remove("Content-Type");
        return answer;
    }

    private static ProblemHttpResult Problem(int status, string reason, string header = IdempotencyKeys.Header) => TypedResults.Problem(
        detail: reason,
        statusCode: status,
        extensions: new Dictionary<string, object?> { ["errors"] = new Dictionary<string, string[]> { [header] = [reason] } });

    // Leaves the unit of work without committing it, with the answer to give.
    private sealed class RolledBack(object? answer) : Exception
    {
        public object? Answer { get; } = answer;
    }
}

/// <summary>Gives an answer again, to the letter.</summary>
public sealed class StoredResult(StoredAnswer answer) : IResult, IStatusCodeHttpResult
{
    public int? StatusCode => answer.Status;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = answer.Status;
        if (answer.Location is not null) response.Headers.Location = answer.Location;
        if (answer.Body is null) return;
        response.ContentType = answer.Status >= 400 ? "application/problem+json" : "application/json; charset=utf-8";
        await response.WriteAsync(answer.Body, httpContext.RequestAborted);
    }
}
