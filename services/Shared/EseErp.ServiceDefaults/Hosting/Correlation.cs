using System.Collections;
using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace EseErp.ServiceDefaults;

/// <summary>
/// The id that ties together what belongs to one cause, across services. It comes with <c>X-Correlation-Id</c> or is
/// made up here, goes into every log line of the request and back to the client. Code without an
/// <see cref="HttpContext"/> finds it as the current activity's baggage item <see cref="BaggageKey"/>.
/// </summary>
public static class Correlation
{
    /// <summary>The request and response header.</summary>
    public const string Header = "X-Correlation-Id";

    /// <summary>Name of the baggage item and of the property in logs.</summary>
    public const string BaggageKey = "correlationId";

    private const int Longest = 64;

    /// <summary>The correlation id of the request.</summary>
    public static string CorrelationId(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Features.Get<RequestScope>()?.CorrelationId ?? context.TraceIdentifier;
    }

    /// <summary>The correlation id of whatever is being done now, if any.</summary>
    public static string? Current => Activity.Current?.GetBaggageItem(BaggageKey);

    internal static bool IsValid(string? id) =>
        id is { Length: > 0 and <= Longest } && id.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-');
}

internal sealed class CorrelationIntake(RequestDelegate next, ILogger<CorrelationIntake> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var given = context.Request.Headers[Correlation.Header];
        var activity = Activity.Current;
        var id = given.Count == 1 && Correlation.IsValid(given[0])
            ? given[0]!
            : activity?.TraceId.ToHexString() ?? Guid.CreateVersion7().ToString("N");
        activity?.SetBaggage(Correlation.BaggageKey, id);
        context.Response.Headers[Correlation.Header] = id;
        var scope = new RequestScope(id, context.GetRouteValue("returnId") as string);
        context.Features.Set(scope);
        using (logger.BeginScope(scope))
            await next(context);
    }
}

/// <summary>Passes the correlation id on with every call a service makes to another.</summary>
internal sealed class CorrelationForwarding : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (Correlation.Current is { } id && !request.Headers.Contains(Correlation.Header))
            request.Headers.TryAddWithoutValidation(Correlation.Header, id);
        return base.SendAsync(request, cancellationToken);
    }
}

/// <summary>What every log line of a request carries.</summary>
internal sealed class RequestScope(string correlationId, string? returnId) : IReadOnlyList<KeyValuePair<string, object?>>
{
    public string CorrelationId { get; } = correlationId;

    public int Count => returnId is null ? 1 : 2;

    public KeyValuePair<string, object?> this[int index] => index == 0
        ? new(Correlation.BaggageKey, CorrelationId)
        : new("returnId", returnId);

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        for (var index = 0; index < Count; index++) yield return this[index];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => $"correlationId:{CorrelationId}";
}
