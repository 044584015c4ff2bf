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
public sealed record Progress(Return Return, IReadOnlyList<ReturnStep> Steps, CallResult? Refusal = null, CallResult? Failure = null, bool Busy = false);

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

    /// <summary>Claims a return within the caller's transaction, for a drive after it: if the caller dies in between, another continues.</summary>
    public void Claim(Return asked, Guid driver) => (asked.DrivenBy, asked.DrivenUntil) = (driver, clock.GetUtcNow() + options.Value.Lease);

    /// <summary>Drives a return until it needs a person, is over, or cannot continue.</summary>
    public Task<Progress> Drive(string returnId, CancellationToken cancellationToken) => Drive(returnId, Guid.CreateVersion7(), null, null, cancellationToken);

    /// <summary>Drives a return that was claimed.</summary>
    /// <param name="claimed">As it was committed, with all its steps in order; it is not read again.</param>
    /// <param name="driver">Who claimed it.</param>
    /// <param name="atTheEnd">What else to write in the transaction that ends the drive. It may run more than once.</param>
    public Task<Progress> Drive(
        Progress claimed, Guid driver, CancellationToken cancellationToken, Func<Progress, IServiceProvider, Task>? atTheEnd = null) =>
        Drive(claimed.Return.ReturnId, driver, claimed, atTheEnd, cancellationToken);

    private async Task<Progress> Drive(
        string returnId, Guid driver, Progress? known, Func<Progress, IServiceProvider, Task>? atTheEnd, CancellationToken cancellationToken)
    {
        using var scope = log.BeginScope(new Dictionary<string, object> { ["returnId"] = returnId });
        using var budget = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        budget.CancelAfter(options.Value.Budget);
        var turn = await Advance(returnId, driver, [], known, atTheEnd);
        while (turn.Next.Count > 0)
        {
            var asked = turn.Progress.Return;
            // A process that goes on by itself has no request to take the correlation id from.
            using var call = log.BeginScope(new Dictionary<string, object> { ["correlationId"] = asked.CorrelationId });
            var made = await Task.WhenAll(turn.Next.Select(next => Make(asked, next, budget.Token)));
            turn = await Advance(returnId, driver, made, turn.Progress, atTheEnd);
        }

        return turn.Progress;
    }

    private async Task<Made> Make(Return asked, Outgoing outgoing, CancellationToken cancellationToken)
    {
        var (call, key) = (outgoing.Call, outgoing.Key);
        var result = await teams.Call(call, key, asked.CorrelationId, asked.DriverKey, cancellationToken);
        // The dock may have told Inventory itself; the other teams are still to be told.
        if (TraditionalCourse.LookAfter(asked, call, result) is { } look
            && await teams.Call(look, key, asked.CorrelationId, asked.DriverKey, cancellationToken) is { Outcome: StepOutcome.Done } seen
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
            var (asked, steps) = held ?? await Read(returnId, provider, token)
                ?? throw new InvalidOperationException($"There is no return {returnId}.");
            if (held is null && asked.DrivenBy != driver && (made.Count > 0 || options.Value.IsHeld(asked.DrivenUntil, clock.GetUtcNow())))
                return new Turn(new Progress(asked, steps, Busy: true), []);
            var turn = Decide(asked, steps, driver, made, provider);
            if (turn.Next.Count == 0 && atTheEnd is not null) await atTheEnd(turn.Progress, provider);
            return turn;
        }, CancellationToken.None);
    }

    /// <summary>Reads and locks a return, and reads its steps, in one round trip; null when there is none.</summary>
    public static async Task<(Return Return, List<ReturnStep> Steps)?> Read(string returnId, IServiceProvider scope, CancellationToken cancellationToken)
    {
        var (documents, reads) = (scope.GetRequiredService<Documents>(), scope.GetRequiredService<BatchReads>());
        var steps = new List<ReturnStep>();
        documents.Want<Return>([returnId], reads);
        documents.WantParts("return_id = any ({0})", [[returnId]], steps, reads);
        await reads.Execute(cancellationToken);
        return await documents.Find<Return>(returnId, cancellationToken) is { } asked ? (asked, steps) : null;
    }

    // The unit of work fails, and runs again, when the return has another driver by now.
    private static (Return Return, List<ReturnStep> Steps)? Hold(Progress? known, Guid driver, IServiceProvider scope)
    {
        if (known is null) return null;
        var db = scope.GetRequiredService<UserSupportDb>();
        var (asked, steps) = (known.Return, (List<ReturnStep>)known.Steps);
        db.Attach(asked);
        db.AttachRange(steps);
        PendingWrites.Of(db).Require(1, "select from returns where return_id = $1 and driven_by = $2 for update", parameters =>
        {
            parameters.Add(new NpgsqlParameter<string> { TypedValue = asked.ReturnId });
            parameters.Add(new NpgsqlParameter<Guid> { TypedValue = driver });
        });
        return (asked, steps);
    }

    // What is to be done next, after calls if some were made, and what that changes.
    private Turn Decide(Return asked, List<ReturnStep> steps, Guid driver, IReadOnlyList<Made> made, IServiceProvider scope)
    {
        var (db, facts) = (scope.GetRequiredService<UserSupportDb>(), scope.GetRequiredService<Facts>());
        scope.GetRequiredService<Causality>().CorrelationId = asked.CorrelationId;
        var now = clock.GetUtcNow();
        // What was done comes first: it is known then when a refusal of another call has it undone.
        var verdicts = made.OrderBy(each => each.Result.Outcome != StepOutcome.Done).Select(each => Note(asked, steps, each, db, now)).ToList();
        if (made.Count == 0 && asked.IsOverdue(now)) asked.Undo(UndoCause.Overdue, "The item did not come back in time.");
        var goesOn = verdicts.TrueForAll(verdict => verdict.GoesOn);

        var next = TraditionalPlan.Next(asked, steps, options.Value.Parallel);
        // A question is asked when a drive begins; after that the team needs time to decide.
        if (goesOn && next.Count > 0 && (!next[0].IsQuestion || made.Count == 0))
        {
            (asked.DrivenBy, asked.DrivenUntil) = (driver, now + options.Value.Lease);
            return new Turn(new Progress(asked, steps), next.Select(call => Write(asked, steps, call, db, now)).ToList());
        }

        foreach (var verdict in verdicts)
            if (verdict.Fact is { } fact) facts.Record(asked.ReturnId, fact, asked.Mode.Wire());
        if (goesOn)
            foreach (var following in TraditionalCourse.Rest(asked, new TeamAnswers(steps))) facts.Record(asked.ReturnId, following, asked.Mode.Wire());
        Release(asked, steps, next is [var first, ..] ? first : null, verdicts.Exists(verdict => verdict.NeedsPerson), facts, now);
        return new Turn(
            new Progress(
                asked, steps,
                goesOn ? null : made.LastOrDefault(each => each.Result.Outcome == StepOutcome.Refused)?.Result,
                made.LastOrDefault(each => each.Result.Outcome is StepOutcome.Unknown or StepOutcome.NotReached)?.Result),
            []);
    }

    // Writes down what came of a call, and what that means to the return.
    private static Verdict Note(Return asked, List<ReturnStep> steps, Made made, UserSupportDb db, DateTimeOffset now)
    {
        var (call, result) = (made.Outgoing.Call, made.Result);
        if (call.IsQuestion)
        {
            if (result.Outcome != StepOutcome.Done) return TraditionalCourse.Judge(asked, steps, call, result);
            asked.Failures = 0;
            if (!TraditionalCourse.IsDecided(asked, call, result.Answer!)) return new Verdict(GoesOn: true);
            Add(asked, steps, call, db, now);
        }

        var step = call.IsQuestion ? steps[^1] : steps.Single(step => step.Number == made.Outgoing.Step);
        result = TraditionalCourse.Settle(call, result, made.Outgoing.MayHaveReached);
        (step.Outcome, step.StatusCode, step.Answer, step.Problem, step.EndedAt) = (result.Outcome, result.StatusCode, result.Answer, result.Problem, now);
        asked.AdvancedAt = now;
        return TraditionalCourse.Judge(asked, steps, call, result);
    }

    // Writes down a call that is about to be made.
    private static Outgoing Write(Return asked, List<ReturnStep> steps, TeamCall call, UserSupportDb db, DateTimeOffset now)
    {
        var refusals = steps.Count(earlier => earlier.Name == call.Step && earlier.Outcome == StepOutcome.Refused);
        var key = $"{asked.ReturnId}.{call.Step}.{refusals}";
        if (call.IsQuestion) return new Outgoing(call, 0, key);

        asked.AdvancedAt = now;
        // A step without a known outcome is made again under its own number and key.
        if (steps.SingleOrDefault(step => step.Name == call.Step && step.Outcome is (StepOutcome.Unknown or StepOutcome.NotReached)) is { } again)
        {
            var mayHaveReached = again.Outcome == StepOutcome.Unknown;
            (again.Outcome, again.StartedAt, again.EndedAt, again.Told) = (StepOutcome.Unknown, now, null, false);
            return new Outgoing(call, again.Number, key, mayHaveReached);
        }

        return new Outgoing(call, Add(asked, steps, call, db, now).Number, key);
    }

    private static ReturnStep Add(Return asked, List<ReturnStep> steps, TeamCall call, UserSupportDb db, DateTimeOffset now)
    {
        var step = new ReturnStep { ReturnId = asked.ReturnId, Number = steps.Count + 1, Name = call.Step, Outcome = StepOutcome.Unknown, StartedAt = now };
        db.Add(step);
        steps.Add(step);
        return step;
    }

    // Ends a drive, and tells which calls were made in it and in those before it that did not come to their end.
    private void Release(Return asked, List<ReturnStep> steps, TeamCall? next, bool needsPerson, Facts facts, DateTimeOffset now)
    {
        (asked.DrivenBy, asked.DrivenUntil) = (null, null);
        asked.WakeAt = TraditionalCourse.WakeAt(asked, next, needsPerson, options.Value, now);
        if (asked.HasNews) asked.CallbackAt = now;
        var untold = steps.Where(step => step is { Told: false, EndedAt: not null }).ToList();
        if (untold.Count == 0) return;
        foreach (var step in untold) step.Told = true;
        facts.Record(asked.ReturnId, new TeamsCalled(asked.ReturnId, [.. untold.Select(step => step.Call())]), asked.Mode.Wire());
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Called {Step}: {Outcome} {Problem}")]
    private partial void LogCalled(string step, StepOutcome outcome, string problem);
}
