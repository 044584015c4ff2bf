using EseErp.Contracts;
using EseErp.Contracts.UserSupport;
using EseErp.EventStore;
using EseErp.UserSupport.Data;
using EseErp.UserSupport.Returns;
using Microsoft.Extensions.Options;
using Npgsql;

namespace EseErp.UserSupport.Traditional;

/// <summary>How far a return has come.</summary>
/// <param name="Refusal">The call that a team refused last, when that ended this drive.</param>
/// <param name="Failure">The call that got no answer, when that ended this drive.</param>
/// <param name="Busy">Someone else drives the return at the moment.</param>
public sealed record Progress(TraditionalReturn Saga, IReadOnlyList<ReturnStep> Steps, CallResult? Refusal = null, CallResult? Failure = null, bool Busy = false);

/// <summary>
/// Carries a return through the teams, call by call, or some calls at once where none waits for another. Each call is written down before
/// it is made, and its outcome together with the next one, in short transactions with no call inside; whoever finds a return half-way goes
/// on from what is written. This is the field's orchestrated saga.
/// </summary>
public sealed partial class TraditionalProcess(
    IServiceScopeFactory scopes, TeamClient teams, IOptions<TraditionalOptions> options, TimeProvider clock, ILogger<TraditionalProcess> log)
{
    // A call that is written down, the number of its step (0: a question, which is written down when it is answered), and whether an
    // earlier attempt may have reached the team.
    private sealed record Outgoing(TeamCall Call, int Step, string Key, bool MayHaveReached = false);

    private sealed record Made(Outgoing Outgoing, CallResult Result);

    // Where a drive stands: the calls to make next, written down already; none when the drive is over.
    private sealed record Turn(Progress Progress, IReadOnlyList<Outgoing> Next);

    /// <summary>Claims a return within the caller's transaction, for a drive after it: if the caller dies in between, another goes on.</summary>
    public void Claim(TraditionalReturn saga, Guid driver) => (saga.DrivenBy, saga.DrivenUntil) = (driver, clock.GetUtcNow() + options.Value.Lease);

    /// <summary>Drives a return until it needs a person, is over, or cannot continue.</summary>
    public Task<Progress> Drive(string returnId, CancellationToken cancellationToken) => Drive(returnId, Guid.CreateVersion7(), null, null, cancellationToken);

    /// <summary>Drives a return that was claimed.</summary>
    /// <param name="claimed">As it was committed, with all its steps in order; it is not read again.</param>
    /// <param name="driver">Who claimed it.</param>
    /// <param name="atTheEnd">What else to write in the transaction that ends the drive. It may run more than once.</param>
    public Task<Progress> Drive(
        Progress claimed, Guid driver, CancellationToken cancellationToken, Func<Progress, IServiceProvider, Task>? atTheEnd = null) =>
        Drive(claimed.Saga.ReturnId, driver, claimed, atTheEnd, cancellationToken);

    private async Task<Progress> Drive(
        string returnId, Guid driver, Progress? known, Func<Progress, IServiceProvider, Task>? atTheEnd, CancellationToken cancellationToken)
    {
        using var scope = log.BeginScope(new Dictionary<string, object> { ["returnId"] = returnId });
        using var budget = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        budget.CancelAfter(options.Value.Budget);
        var turn = await Advance(returnId, driver, [], known, atTheEnd);
        while (turn.Next.Count > 0)
        {
            var saga = turn.Progress.Saga;
            // A process that goes on by itself has no request to take the correlation id from.
            using var call = log.BeginScope(new Dictionary<string, object> { ["correlationId"] = saga.CorrelationId });
            var made = await Task.WhenAll(turn.Next.Select(next => Make(saga, next, budget.Token)));
            turn = await Advance(returnId, driver, made, turn.Progress, atTheEnd);
        }

        return turn.Progress;
    }

    private async Task<Made> Make(TraditionalReturn saga, Outgoing outgoing, CancellationToken cancellationToken)
    {
        var (call, key) = (outgoing.Call, outgoing.Key);
        var result = await teams.Call(call, key, saga.CorrelationId, saga.DriverKey, cancellationToken);
        // The dock may have told Inventory itself; the other teams are still to be told.
        if (TraditionalCourse.LookAfter(saga, call, result) is { } look
            && await teams.Call(look, key, saga.CorrelationId, saga.DriverKey, cancellationToken) is { Outcome: StepOutcome.Done } seen
            && TraditionalCourse.IsMade(call, seen.Answer!))
            result = seen;
        if (!call.IsQuestion) LogCalled(call.Step, result.Outcome, result.Problem ?? "");
        return new Made(outgoing, result);
    }

    // What is known of a return that this driver holds is not read again: nobody else changes it meanwhile. Writing down what happened
    // must not be cut short by the caller's impatience.
    private async Task<Turn> Advance(
        string returnId, Guid driver, IReadOnlyList<Made> made, Progress? known, Func<Progress, IServiceProvider, Task>? atTheEnd)
    {
        await using var scope = scopes.CreateAsyncScope();
        var provider = scope.ServiceProvider;
        return await provider.GetRequiredService<UnitOfWork>().Run(async token =>
        {
            var held = Hold(known, driver, provider);
            // Another attempt reads what is there now.
            known = null;
            var (saga, steps) = held ?? await Read(returnId, provider, token)
                ?? throw new InvalidOperationException($"There is no traditional return {returnId}.");
            if (held is null && saga.DrivenBy != driver && (made.Count > 0 || options.Value.IsHeld(saga.DrivenUntil, clock.GetUtcNow())))
                return new Turn(new Progress(saga, steps, Busy: true), []);
            var turn = Decide(saga, steps, driver, made, provider);
            if (turn.Next.Count == 0 && atTheEnd is not null) await atTheEnd(turn.Progress, provider);
            return turn;
        }, CancellationToken.None);
    }

    /// <summary>Reads and locks a return, and reads its steps, in one round trip; null when there is none.</summary>
    public static async Task<(TraditionalReturn Saga, List<ReturnStep> Steps)?> Read(string returnId, IServiceProvider scope, CancellationToken cancellationToken)
    {
        var (documents, reads) = (scope.GetRequiredService<Documents>(), scope.GetRequiredService<BatchReads>());
        var steps = new List<ReturnStep>();
        documents.Want<TraditionalReturn>([returnId], reads);
        documents.Want<Return>([returnId], reads);
        documents.WantParts("return_id = any ({0})", [[returnId]], steps, reads);
        await reads.Execute(cancellationToken);
        if (await documents.Find<TraditionalReturn>(returnId, cancellationToken) is not { } saga) return null;
        saga.Return = (await documents.Find<Return>(returnId, cancellationToken))!;
        return (saga, steps);
    }

    // The unit of work fails, and runs again, when the return has another driver by now.
    private static (TraditionalReturn Saga, List<ReturnStep> Steps)? Hold(Progress? known, Guid driver, IServiceProvider scope)
    {
        if (known is null) return null;
        var db = scope.GetRequiredService<UserSupportDb>();
        var (saga, steps) = (known.Saga, (List<ReturnStep>)known.Steps);
        db.Attach(saga.Return);
        db.Attach(saga);
        db.AttachRange(steps);
        PendingWrites.Of(db).Require(1, "select from traditional_returns where return_id = $1 and driven_by = $2 for update", parameters =>
        {
            parameters.Add(new NpgsqlParameter<string> { TypedValue = saga.ReturnId });
            parameters.Add(new NpgsqlParameter<Guid> { TypedValue = driver });
        });
        return (saga, steps);
    }

    // What is to be done next, after calls if some were made, and what that changes.
    private Turn Decide(TraditionalReturn saga, List<ReturnStep> steps, Guid driver, IReadOnlyList<Made> made, IServiceProvider scope)
    {
        var (db, facts) = (scope.GetRequiredService<UserSupportDb>(), scope.GetRequiredService<Facts>());
        scope.GetRequiredService<Causality>().CorrelationId = saga.CorrelationId;
        var now = clock.GetUtcNow();
        // What was done comes first: it is known then when a refusal of another call has it undone.
        var verdicts = made.OrderBy(each => each.Result.Outcome != StepOutcome.Done).Select(each => Note(saga, steps, each, db, now)).ToList();
        if (made.Count == 0 && saga.IsOverdue(now)) saga.Undo(UndoCause.Overdue, "The item did not come back in time.");
        var goesOn = verdicts.TrueForAll(verdict => verdict.GoesOn);

        var next = TraditionalPlan.Next(saga, steps, options.Value.Parallel);
        // A question is asked when a drive begins; after that the team needs time to decide.
        if (goesOn && next.Count > 0 && (!next[0].IsQuestion || made.Count == 0))
        {
            (saga.DrivenBy, saga.DrivenUntil) = (driver, now + options.Value.Lease);
            return new Turn(new Progress(saga, steps), next.Select(call => Write(saga, steps, call, db, now)).ToList());
        }

        foreach (var verdict in verdicts)
            if (verdict.Fact is { } fact) facts.Record(saga.ReturnId, fact, saga.Mode.Wire());
        if (goesOn)
            foreach (var following in TraditionalCourse.Rest(saga, new TeamAnswers(steps))) facts.Record(saga.ReturnId, following, saga.Mode.Wire());
        Release(saga, steps, next is [var first, ..] ? first : null, verdicts.Exists(verdict => verdict.NeedsPerson), facts, now);
        return new Turn(
            new Progress(
                saga, steps,
                goesOn ? null : made.LastOrDefault(each => each.Result.Outcome == StepOutcome.Refused)?.Result,
                made.LastOrDefault(each => each.Result.Outcome is StepOutcome.Unknown or StepOutcome.NotReached)?.Result),
            []);
    }

    // Writes down what came of a call, and what that means to the return.
    private static Verdict Note(TraditionalReturn saga, List<ReturnStep> steps, Made made, UserSupportDb db, DateTimeOffset now)
    {
        var (call, result) = (made.Outgoing.Call, made.Result);
        if (call.IsQuestion)
        {
            if (result.Outcome != StepOutcome.Done) return TraditionalCourse.Judge(saga, steps, call, result);
            saga.Failures = 0;
            if (!TraditionalCourse.IsDecided(saga, call, result.Answer!)) return new Verdict(GoesOn: true);
            Add(saga, steps, call, db, now);
        }

        var step = call.IsQuestion ? steps[^1] : steps.Single(step => step.Number == made.Outgoing.Step);
        result = TraditionalCourse.Settle(call, result, made.Outgoing.MayHaveReached);
        (step.Outcome, step.StatusCode, step.Answer, step.Problem, step.EndedAt) = (result.Outcome, result.StatusCode, result.Answer, result.Problem, now);
        saga.AdvancedAt = now;
        return TraditionalCourse.Judge(saga, steps, call, result);
    }

    // Writes down a call that is about to be made.
    private static Outgoing Write(TraditionalReturn saga, List<ReturnStep> steps, TeamCall call, UserSupportDb db, DateTimeOffset now)
    {
        var refusals = steps.Count(earlier => earlier.Name == call.Step && earlier.Outcome == StepOutcome.Refused);
        var key = $"{saga.ReturnId}.{call.Step}.{refusals}";
        if (call.IsQuestion) return new Outgoing(call, 0, key);

        saga.AdvancedAt = now;
        // A step without a known outcome is made again under its own number and key.
        if (steps.SingleOrDefault(step => step.Name == call.Step && step.Outcome is (StepOutcome.Unknown or StepOutcome.NotReached)) is { } again)
        {
            var mayHaveReached = again.Outcome == StepOutcome.Unknown;
            (again.Outcome, again.StartedAt, again.EndedAt, again.Told) = (StepOutcome.Unknown, now, null, false);
            return new Outgoing(call, again.Number, key, mayHaveReached);
        }

        return new Outgoing(call, Add(saga, steps, call, db, now).Number, key);
    }

    private static ReturnStep Add(TraditionalReturn saga, List<ReturnStep> steps, TeamCall call, UserSupportDb db, DateTimeOffset now)
    {
        var step = new ReturnStep { ReturnId = saga.ReturnId, Number = steps.Count + 1, Name = call.Step, Outcome = StepOutcome.Unknown, StartedAt = now };
        db.Add(step);
        steps.Add(step);
        return step;
    }

    // Ends a drive, and tells which calls were made in it and in those before it that did not come to their end.
    private void Release(TraditionalReturn saga, List<ReturnStep> steps, TeamCall? next, bool needsPerson, Facts facts, DateTimeOffset now)
    {
        (saga.DrivenBy, saga.DrivenUntil) = (null, null);
        saga.WakeAt = TraditionalCourse.WakeAt(saga, next, needsPerson, options.Value, now);
        if (saga.HasNews) saga.CallbackAt = now;
        var untold = steps.Where(step => step is { Told: false, EndedAt: not null }).ToList();
        if (untold.Count == 0) return;
        foreach (var step in untold) step.Told = true;
        facts.Record(saga.ReturnId, new TeamsCalled(saga.ReturnId, [.. untold.Select(step => step.Call())]), saga.Mode.Wire());
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Called {Step}: {Outcome} {Problem}")]
    private partial void LogCalled(string step, StepOutcome outcome, string problem);
}
