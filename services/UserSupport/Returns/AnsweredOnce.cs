using EseErp.EventStore;
using EseErp.ServiceDefaults;

namespace EseErp.UserSupport.Returns;

/// <summary>
/// <c>Idempotency-Key</c> for what is longer than a transaction and does nothing twice by itself: the same request again is
/// answered as before once it was done or refused, and otherwise continues where it stands.
/// </summary>
public static class AnsweredOnceFilter
{
    public static RouteHandlerBuilder AnsweredOnce(this RouteHandlerBuilder endpoint) =>
        endpoint.WithMetadata(new IdempotencyMetadata()).AddEndpointFilter(Invoke);

    private static async ValueTask<object?> Invoke(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (!TransactionFilter.TryReadKey(http.Request, out var key, out var problem)) return problem;
        if (key is null) return await next(context);

        var services = http.RequestServices;
        var keys = services.GetRequiredService<IdempotencyKeys>();
        var request = IdempotentRequest.Of(http);
        var claim = await services.GetRequiredService<UnitOfWork>().Run(async token =>
        {
            var claimed = await keys.Claim(key, request, token);
            if (claimed is KeyClaim.Claimed) keys.Keep(key, request, null);
            return claimed;
        }, http.RequestAborted);
        switch (claim)
        {
            case KeyClaim.Answered answered: return new StoredResult(answered.Answer);
            case KeyClaim.OtherBody: return TransactionFilter.OtherBody();
        }

        var result = await next(context);
        if (!IsFinal(result)) return result;
        return new StoredResult(await keys.AnswerLater(key, request, await TransactionFilter.Capture(result, http), CancellationToken.None));
    }

    // Who finds the return being worked on has neither been served nor refused.
    private static bool IsFinal(object? result) => result switch
    {
        ConflictProblem conflict => !conflict.IsTransient,
        IStatusCodeHttpResult { StatusCode: StatusCodes.Status200OK } => true,
        _ => false,
    };
}
