using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace EseErp.ServiceDefaults;

/// <summary>What a service does for its first customer, and would do slowly had it never done it before.</summary>
/// <param name="Name">For the log, when it fails.</param>
/// <param name="Rehearse">Does it once, in a <see cref="Rehearsal"/>, with the service's own container.</param>
public sealed record HotPath(string Name, Func<IServiceProvider, CancellationToken, Task> Rehearse);

/// <summary>A request that an endpoint answers for practice.</summary>
/// <param name="Path">Where the endpoint's own path has parameters; null where it has none.</param>
internal sealed record RehearsedRequest(int Answer, object? Body, string? Path, IReadOnlyList<(string Name, string Value)> Headers);

/// <summary>How hot paths are named.</summary>
public static class HotPaths
{
    /// <summary>Has the service do this once before it says that it is ready.</summary>
    public static IServiceCollection AddHotPath(this IServiceCollection services, string name, Func<IServiceProvider, CancellationToken, Task> rehearse) =>
        services.AddSingleton(new HotPath(name, rehearse));

    /// <summary>
    /// Has the service ask itself this before it says that it is ready, through everything a request goes through but the network. What it
    /// writes is rolled back.
    /// </summary>
    /// <param name="answer">The status that it is answered with; any other is logged as a warm-up that failed.</param>
    /// <param name="body">The body, about what nobody else works on: rows that a rehearsal locks keep others waiting.</param>
    /// <param name="path">The path and query, where the endpoint's own has parameters.</param>
    /// <param name="headers">More headers; an <c>Idempotency-Key</c> comes with each request that changes something.</param>
    public static RouteHandlerBuilder Rehearsed(
        this RouteHandlerBuilder endpoint, int answer, object? body = null, string? path = null, params (string Name, string Value)[] headers) =>
        endpoint.WithMetadata(new RehearsedRequest(answer, body, path, headers));
}
