using EseErp.Contracts;
using EseErp.Contracts.UserSupport;
using EseErp.EventStore;
using EseErp.ServiceDefaults;
using EseErp.UserSupport.Modes;

namespace EseErp.UserSupport.Returns;

/// <summary>
/// Takes returns over HTTP, in all modes. The return, its event and the claim on the idempotency key are one transaction. Where the
/// caller is answered at once the answer is part of it; in traditional mode it follows when the teams have answered.
/// </summary>
public sealed class ReturnIntake(
    ReturnDesk desk, RunningMode runningMode, Coordinations coordinations, UnitOfWork unit, BatchReads reads, IdempotencyKeys keys, Causality causality,
    Links links, IHostApplicationLifetime lifetime, TimeProvider clock, ICarriage? carriage = null)
{
    private static readonly TimeSpan Recheck = TimeSpan.FromMilliseconds(50);

    private sealed record KeyedRequest(string Key, IdempotentRequest Request);

    // What the transaction led to: an answer that is final, a return that is to be carried now, or both.
    private sealed record Taken(IResult? Answer, Return? Filed = null, string? InProgress = null);

    // Only a return whose caller waits leaves a key without an answer.
    private ICarriage Carriage => carriage ?? throw new InvalidOperationException("Nothing here carries returns.");

    public async Task<IResult> File(FileReturn request, HttpContext http, CancellationToken cancellationToken)
    {
        if (!TransactionFilter.TryReadKey(http.Request, out var key, out var problem)) return problem!;
        causality.CorrelationId = http.CorrelationId();
        var keyed = Keyed(key, http);
        var since = clock.GetTimestamp();
        while (true)
        {
            var taken = await unit.Run(token => Take(request, keyed, http, token), cancellationToken);
            if (taken.Answer is not null)
            {
                if (taken.Filed is { } accepted) coordinations.Of(accepted.Mode).Committed([accepted]);
                return taken.Answer;
            }

            if (taken.Filed is not null) return await CarryAndAnswer(taken.Filed, keyed, http);

            // The same request is on its way through the teams: join it, or go on with it if its driver died.
            var carried = await Carriage.GoOn(taken.InProgress!, lifetime.ApplicationStopping);
            if (!carried.IsBusy) return await StoreLater(carried.Answer, keyed, http);
            if (clock.GetElapsedTime(since) > Carriage.Patience) return Problems.Conflict("The same request is still being processed; try again later.");
            unit.Forget();
            await Task.Delay(Recheck, clock, cancellationToken);
        }
    }

    /// <summary>Files up to 1,000 returns; all are taken in one transaction, or none.</summary>
    public async Task<IResult> File(FileReturns request, HttpContext http, CancellationToken cancellationToken)
    {
        if (!TransactionFilter.TryReadKey(http.Request, out var key, out var problem)) return problem!;
        causality.CorrelationId = http.CorrelationId();
        var keyed = Keyed(key, http);
        IReadOnlyList<Return> filed = [];
        var answer = await unit.Run(async token =>
        {
            switch (await Begin(request.Returns, keyed, token))
            {
                case KeyClaim.Answered answered: return new StoredResult(answered.Answer);
                case KeyClaim.OtherBody: return TransactionFilter.OtherBody();
                case KeyClaim.InProgress inProgress:
                    // Whoever was at it may have died: those that are half-way are gone on with.
                    filed = await desk.Find(inProgress.Subject!.Split(' '), token);
                    return null;
            }

            if (FaultOf(request.Returns, isBatch: true) is { } fault) return fault;
            filed = desk.File(request.Returns, ModeOf(http), isCarriedNext: false);
            if (!filed.Any(CallerWaits)) return await Store(TypedResults.Ok(new BatchAnswer([.. filed.Select(Accepted)])), keyed, http);
            if (keyed is not null) keys.Keep(keyed.Key, keyed.Request, string.Join(' ', filed.Select(asked => asked.ReturnId)));
            return null;
        }, cancellationToken);
        foreach (var alike in filed.GroupBy(asked => coordinations.Of(asked.Mode))) alike.Key.Committed(alike);
        if (answer is not null) return answer;

        var results = new BatchItem[filed.Count];
        var isFinal = true;
        await Parallel.ForEachAsync(
            Enumerable.Range(0, filed.Count), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = lifetime.ApplicationStopping },
            async (index, token) =>
            {
                if (!CallerWaits(filed[index]))
                {
                    results[index] = Accepted(filed[index]);
                    return;
                }

                var carried = await CarryToAnEnd(filed[index].ReturnId, token);
                results[index] = carried.Item;
                if (carried.IsBusy || !IdempotencyKeys.IsFinal(results[index].HttpStatus)) Volatile.Write(ref isFinal, false);
            });
        // One that is half-way goes on when the same batch is sent again.
        return await StoreLater(TypedResults.Ok(new BatchAnswer(results)), isFinal ? keyed : null, http);
    }

    private static bool CallerWaits(Return filed) => filed.Mode == CoordinationMode.Traditional;

    /// <summary>Carries a return that was just filed through the teams; the answer is stored as that ends.</summary>
    private async Task<IResult> CarryAndAnswer(Return filed, KeyedRequest? keyed, HttpContext http)
    {
        IResult? stored = null;
        var carried = await Carriage.Carry(
            filed.ReturnId,
            keyed is null ? null : async (end, scope) => stored = new StoredResult(scope.GetRequiredService<IdempotencyKeys>().AnswerKept(
                keyed.Key, keyed.Request, await TransactionFilter.Capture(end.Answer, http))),
            lifetime.ApplicationStopping);
        return stored ?? carried.Answer;
    }

    private BatchItem Accepted(Return asked) =>
        new(asked.ReturnId, asked.Mode, asked.Status, StatusCodes.Status202Accepted, null, links.Of(asked));

    private async Task<Carried> CarryToAnEnd(string returnId, CancellationToken cancellationToken)
    {
        var since = clock.GetTimestamp();
        while (true)
        {
            var carried = await Carriage.GoOn(returnId, cancellationToken);
            if (!carried.IsBusy || clock.GetElapsedTime(since) > Carriage.Patience) return carried;
            await Task.Delay(Recheck, clock, cancellationToken);
        }
    }

    private async Task<Taken> Take(FileReturn request, KeyedRequest? keyed, HttpContext http, CancellationToken cancellationToken)
    {
        switch (await Begin([request], keyed, cancellationToken))
        {
            case KeyClaim.Answered answered: return new Taken(new StoredResult(answered.Answer));
            case KeyClaim.OtherBody: return new Taken(TransactionFilter.OtherBody());
            case KeyClaim.InProgress inProgress: return new Taken(null, InProgress: inProgress.Subject);
        }

        if (FaultOf([request], isBatch: false) is { } fault) return new Taken(fault);
        var filed = desk.File([request], ModeOf(http), isCarriedNext: true)[0];
        if (CallerWaits(filed))
        {
            if (keyed is not null) keys.Keep(keyed.Key, keyed.Request, filed.ReturnId);
            return new Taken(null, filed);
        }

        var accepted = TypedResults.Accepted($"/returns/{filed.ReturnId}", new ReturnAccepted(filed.ReturnId, filed.Mode, filed.Status, links.Of(filed)));
        return new Taken(await Store(accepted, keyed, http), filed);
    }

    /// <summary>What has to be known first, in one round trip: the key, numbers for the returns, the running mode where one does not name its own.</summary>
    private async Task<KeyClaim> Begin(IReadOnlyList<FileReturn> requests, KeyedRequest? keyed, CancellationToken cancellationToken)
    {
        desk.WantNumbers(requests.Count, reads);
        if (requests.Any(request => request.Mode is null)) runningMode.Want(reads);
        if (keyed is not null) return await keys.Claim(keyed.Key, keyed.Request, cancellationToken);
        await reads.Execute(cancellationToken);
        return new KeyClaim.Claimed();
    }

    /// <summary>The mode that a return is filed in. Traditional mode knows two ways to be answered; the caller may prefer the other one.</summary>
    private Func<FileReturn, CoordinationMode> ModeOf(HttpContext http)
    {
        // RFC 7240. A longer wait is not offered.
        var prefersAsync = http.Request.Headers.GetCommaSeparatedValues("Prefer")
            .Any(preference => preference.Split(';')[0].Trim().Equals("respond-async", StringComparison.OrdinalIgnoreCase));
        if (prefersAsync) http.Response.Headers["Preference-Applied"] = "respond-async";
        return request => (request.Mode ?? runningMode.Wanted) switch
        {
            CoordinationMode.Traditional when prefersAsync => CoordinationMode.TraditionalAsync,
            var mode => mode,
        };
    }

    /// <summary>Why returns cannot be filed like this: 422. Asked of new requests only, after the key: a repeated one has its answer.</summary>
    private UnprocessableProblem? FaultOf(IReadOnlyList<FileReturn> requests, bool isBatch)
    {
        for (var index = 0; index < requests.Count; index++)
        {
            var mode = requests[index].Mode ?? runningMode.Wanted;
            if (coordinations.ReasonNotTo(mode) is { } reason) return Fault("mode", reason);
            if (requests[index].CallbackUrl is { } url && coordinations.Of(mode).ReasonNotToCall(url) is { } fault) return Fault("callbackUrl", fault);

            UnprocessableProblem Fault(string field, string reason) => Problems.Unprocessable(isBatch ? $"returns[{index}].{field}" : field, reason);
        }

        return null;
    }

    private static KeyedRequest? Keyed(string? key, HttpContext http) => key is null ? null : new KeyedRequest(key, IdempotentRequest.Of(http));

    /// <summary>Stores the answer in the open unit of work.</summary>
    private async Task<IResult> Store(IResult result, KeyedRequest? keyed, HttpContext http) =>
        keyed is null ? result : new StoredResult(keys.Answer(keyed.Key, keyed.Request, await TransactionFilter.Capture(result, http)));

    /// <summary>Stores the answer to a request whose key is kept.</summary>
    private async Task<IResult> StoreLater(IResult result, KeyedRequest? keyed, HttpContext http) =>
        keyed is null ? result : new StoredResult(await keys.AnswerLater(keyed.Key, keyed.Request, await TransactionFilter.Capture(result, http), CancellationToken.None));
}
