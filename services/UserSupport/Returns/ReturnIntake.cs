using EseErp.Contracts;
using EseErp.Contracts.UserSupport;
using EseErp.EventStore;
using EseErp.ServiceDefaults;
using EseErp.UserSupport.Modes;
using EseErp.UserSupport.Traditional;
using Microsoft.Extensions.Options;

namespace EseErp.UserSupport.Returns;

/// <summary>
/// Takes returns over HTTP, in all modes. The return, its event and the claim on the idempotency key are one transaction. Where the
/// caller is answered at once the answer is part of it; in traditional mode it follows when the teams have answered.
/// </summary>
public sealed class ReturnIntake(
    ReturnDesk desk, RunningMode runningMode, UnitOfWork unit, BatchReads reads, IdempotencyKeys keys, Causality causality, Links links,
    TraditionalProcess process, TraditionalAnswers answers, DriveQueue queue, IOptions<TraditionalOptions> options, IOptions<CallbackOptions> callbacks,
    IHostApplicationLifetime lifetime, TimeProvider clock)
{
    private static readonly TimeSpan Recheck = TimeSpan.FromMilliseconds(50);

    private sealed record KeyedRequest(string Key, IdempotentRequest Request);

    // A driver that died keeps its return until its lease runs out.
    private TimeSpan Patience => options.Value.Budget + options.Value.Lease;

    // What the transaction led to: an answer that is final, a return that is to be driven now, or both.
    private sealed record Taken(IResult? Answer, Return? Filed = null, string? InProgress = null);

    public async Task<IResult> File(FileReturn request, HttpContext http, CancellationToken cancellationToken)
    {
        if (!TransactionFilter.TryReadKey(http.Request, out var key, out var problem)) return problem!;
        causality.CorrelationId = http.CorrelationId();
        var keyed = Keyed(key, http);
        var (driver, since) = (Guid.CreateVersion7(), clock.GetTimestamp());
        while (true)
        {
            var taken = await unit.Run(token => Take(request, keyed, driver, http, token), cancellationToken);
            if (taken.Answer is not null)
            {
                if (taken.Filed is not null) queue.Add([taken.Filed.ReturnId]);
                return taken.Answer;
            }

            if (taken.Filed is not null) return await DriveAndAnswer(taken.Filed, driver, keyed, http);

            // The same request is on its way through the teams: join it, or go on with it if its driver died.
            var progress = await process.Drive(taken.InProgress!, lifetime.ApplicationStopping);
            if (!progress.Busy) return await StoreLater(answers.Filed(progress), keyed, http);
            if (clock.GetElapsedTime(since) > Patience) return Problems.Conflict("The same request is still being processed; try again later.");
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

            if (CallbackFault(request.Returns, isBatch: true) is { } fault) return fault;
            filed = desk.File(request.Returns, runningMode.Wanted, PrefersAsync(http));
            if (filed.All(asked => asked.Mode != CoordinationMode.Traditional))
                return await Store(TypedResults.Ok(new BatchAnswer([.. filed.Select(Accepted)])), keyed, http);
            if (keyed is not null) keys.Keep(keyed.Key, keyed.Request, string.Join(' ', filed.Select(asked => asked.ReturnId)));
            return null;
        }, cancellationToken);
        queue.Add([.. filed.Where(asked => asked.Mode == CoordinationMode.TraditionalAsync).Select(asked => asked.ReturnId)]);
        if (answer is not null) return answer;

        var results = new BatchItem[filed.Count];
        var isFinal = true;
        await Parallel.ForEachAsync(
            Enumerable.Range(0, filed.Count), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = lifetime.ApplicationStopping },
            async (index, token) =>
            {
                if (filed[index].Mode != CoordinationMode.Traditional)
                {
                    results[index] = Accepted(filed[index]);
                    return;
                }

                var progress = await DriveToAnEnd(filed[index].ReturnId, token);
                results[index] = answers.Item(progress);
                if (progress.Busy || !IdempotencyKeys.IsFinal(results[index].HttpStatus)) Volatile.Write(ref isFinal, false);
            });
        // One that is half-way goes on when the same batch is sent again.
        return await StoreLater(TypedResults.Ok(new BatchAnswer(results)), isFinal ? keyed : null, http);
    }

    /// <summary>Carries a return that was just filed through the teams; the answer is stored as the drive ends.</summary>
    private async Task<IResult> DriveAndAnswer(Return filed, Guid driver, KeyedRequest? keyed, HttpContext http)
    {
        IResult? stored = null;
        var progress = await process.Drive(new Progress(filed, new List<ReturnStep>()), driver, lifetime.ApplicationStopping, keyed is null ? null : async (end, scope) =>
            stored = new StoredResult(scope.GetRequiredService<IdempotencyKeys>().AnswerKept(
                keyed.Key, keyed.Request, await TransactionFilter.Capture(answers.Filed(end), http))));
        return stored ?? answers.Filed(progress);
    }

    private BatchItem Accepted(Return asked) =>
        new(asked.ReturnId, asked.Mode, asked.Status, StatusCodes.Status202Accepted, null, links.Of(asked));

    private async Task<Progress> DriveToAnEnd(string returnId, CancellationToken cancellationToken)
    {
        var since = clock.GetTimestamp();
        while (true)
        {
            var progress = await process.Drive(returnId, cancellationToken);
            if (!progress.Busy || clock.GetElapsedTime(since) > Patience) return progress;
            await Task.Delay(Recheck, clock, cancellationToken);
        }
    }

    private async Task<Taken> Take(FileReturn request, KeyedRequest? keyed, Guid driver, HttpContext http, CancellationToken cancellationToken)
    {
        switch (await Begin([request], keyed, cancellationToken))
        {
            case KeyClaim.Answered answered: return new Taken(new StoredResult(answered.Answer));
            case KeyClaim.OtherBody: return new Taken(TransactionFilter.OtherBody());
            case KeyClaim.InProgress inProgress: return new Taken(null, InProgress: inProgress.Subject);
        }

        if (CallbackFault([request], isBatch: false) is { } fault) return new Taken(fault);
        var asked = desk.File([request], runningMode.Wanted, PrefersAsync(http))[0];
        if (asked.Mode == CoordinationMode.Traditional)
        {
            if (keyed is not null) keys.Keep(keyed.Key, keyed.Request, asked.ReturnId);
            process.Claim(asked, driver);
            return new Taken(null, asked);
        }

        var accepted = TypedResults.Accepted($"/returns/{asked.ReturnId}", new ReturnAccepted(asked.ReturnId, asked.Mode, asked.Status, links.Of(asked)));
        return new Taken(await Store(accepted, keyed, http), asked.Mode == CoordinationMode.TraditionalAsync ? asked : null);
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

    // RFC 7240. A longer wait is not offered.
    private static bool PrefersAsync(HttpContext http)
    {
        var prefers = http.Request.Headers.GetCommaSeparatedValues("Prefer").Any(preference => preference.Split(';')[0].Trim().Equals("respond-async", StringComparison.OrdinalIgnoreCase));
        if (prefers) http.Response.Headers["Preference-Applied"] = "respond-async";
        return prefers;
    }

    /// <summary>Why the outcome cannot be told where it is asked for: 422. Asked of new requests only, after the key: a repeated one has its answer.</summary>
    private UnprocessableProblem? CallbackFault(IReadOnlyList<FileReturn> requests, bool isBatch)
    {
        for (var index = 0; index < requests.Count; index++)
        {
            if (requests[index].CallbackUrl is not { } url) continue;
            var reason = (requests[index].Mode ?? runningMode.Wanted) == CoordinationMode.Event
                ? "is not possible in event mode: User Support does not learn the outcome; read it at Tracking"
                : callbacks.Value.ReasonNotToCall(url);
            if (reason is not null) return Problems.Unprocessable(isBatch ? $"returns[{index}].callbackUrl" : "callbackUrl", reason);
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

/// <summary>The answer to a batch, in the order of the request.</summary>
public sealed record BatchAnswer(IReadOnlyList<BatchItem> Results);

/// <summary>What came of one return of a batch.</summary>
/// <param name="HttpStatus">The status it would have been answered with alone: 202, 201, 409, 502 or 504.</param>
/// <param name="Reasons">Why it was rejected; null otherwise.</param>
public sealed record BatchItem(
    string ReturnId, CoordinationMode Mode, ReturnStatus Status, int HttpStatus, IReadOnlyList<string>? Reasons, ReturnLinks Links);
