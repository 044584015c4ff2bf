using EseErp.Contracts;
using EseErp.Contracts.UserSupport;
using EseErp.EventStore;
using EseErp.UserSupport.Data;
using EseErp.UserSupport.Returns;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace EseErp.UserSupport.Traditional;

/// <summary>How far a return has come.</summary>
/// <param name="Refusal">The call that a team refused last, when that ended this drive.</param>
/// <param name="Failure">The call that got no answer, when that ended this drive.</param>
/// <param name="Busy">Someone else drives the return at the moment.</param>
public sealed record Progress(Return Return, IReadOnlyList<ReturnStep> Steps, CallResult? Refusal = null, CallResult? Failure = null, bool Busy = false);

/// <summary>
/// Carries a return through the teams, call by call. Each call is written down before it is made and its outcome before
/// the next one, in short transactions with no call inside; whoever finds a return half-way goes on from what is written.
/// </summary>
public sealed partial class TraditionalProcess(
    IServiceScopeFactory scopes, TeamClient teams, IOptions<TraditionalOptions> options, TimeProvider clock, ILogger<TraditionalProcess> log)
{
    private sealed record Made(int Step, TeamCall Call, CallResult Result);

    /// <summary>Claims a return within the caller's transaction, for a drive after it: if the caller dies in between, another goes on.</summary>
    public void Claim(Return asked, Guid driver) => (asked.DrivenBy, asked.DrivenUntil) = (driver, clock.GetUtcNow() + options.Value.Lease);

    /// <summary>Drives a return until it needs a person, is over, or cannot go on.</summary>
    public Task<Progress> Drive(string returnId, CancellationToken cancellationToken) => Drive(returnId, Guid.CreateVersion7(), cancellationToken);

    /// <inheritdoc cref="Drive(string, CancellationToken)"/>
    /// <param name="driver">Who drives it, and may have claimed it.</param>
    public async Task<Progress> Drive(string returnId, Guid driver, CancellationToken cancellationToken)
    {
        using var scope = log.BeginScope(new Dictionary<string, object> { ["returnId"] = returnId });
        using var budget = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        budget.CancelAfter(options.Value.Budget);
        Made? made = null;
        while (true)
        {
            // Writing down what happened must not be cut short by the caller's impatience.
            var (progress, next, step, key) = await Advance(returnId, driver, made, CancellationToken.None);
            if (next is null) return progress;
            // A process that goes on by itself has no request to take the correlation id from.
            using var call = log.BeginScope(new Dictionary<string, object> { ["correlationId"] = progress.Return.CorrelationId });
            var result = await teams.Call(next, key!, progress.Return.CorrelationId, budget.Token);
            LogCalled(next.Step, result.Outcome, result.Problem ?? "");
            made = new Made(step, next, result);
        }
    }

    private async Task<(Progress Progress, TeamCall? Next, int Step, string? Key)> Advance(
        string returnId, Guid driver, Made? made, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var provider = scope.ServiceProvider;
        return await provider.GetRequiredService<UnitOfWork>().Run<(Progress, TeamCall?, int, string?)>(async token =>
        {
            var db = provider.GetRequiredService<UserSupportDb>();
            var asked = await provider.GetRequiredService<Documents>().Find<Return>(returnId, token)
                ?? throw new InvalidOperationException($"There is no return {returnId}.");
            provider.GetRequiredService<Causality>().CorrelationId = asked.CorrelationId;
            var steps = await db.Steps.Where(step => step.ReturnId == returnId).OrderBy(step => step.Number).ToListAsync(token);
            var now = clock.GetUtcNow();
            if (asked.DrivenBy != driver && (made is not null || asked.DrivenUntil > now)) return (new Progress(asked, steps, Busy: true), null, 0, null);

            var facts = provider.GetRequiredService<Facts>();
            if (made is not null)
            {
                var goOn = Note(asked, steps, made, facts, now);
                if (!goOn)
                {
                    Release(asked, now);
                    return (new Progress(asked, steps,
                        made.Result.Outcome == StepOutcome.Refused ? made.Result : null,
                        made.Result.Outcome is StepOutcome.Unknown or StepOutcome.NotReached ? made.Result : null), null, 0, null);
                }
            }

            if (asked.Status == ReturnStatus.Declined || TraditionalPlan.Next(asked, steps) is not { } call)
            {
                Finish(asked, facts);
                Release(asked, now);
                return (new Progress(asked, steps), null, 0, null);
            }

            (asked.DrivenBy, asked.DrivenUntil, asked.AdvancedAt) = (driver, now + options.Value.Lease, now);
            var step = Begin(asked, steps, call, db, now);
            var refusals = steps.Count(earlier => earlier.Name == call.Step && earlier.Outcome == StepOutcome.Refused);
            return (new Progress(asked, steps), call, step.Number, $"{returnId}.{call.Step}.{refusals}");
        }, cancellationToken);
    }

    // Writes down what came of a call; says whether the process can go on now.
    private static bool Note(Return asked, List<ReturnStep> steps, Made made, Facts facts, DateTimeOffset now)
    {
        var step = steps.Single(step => step.Number == made.Step);
        var result = made.Result;
        var undoing = asked.UndoReason is not null;
        // Undoing what a team never heard of is done.
        if (undoing && result.StatusCode == StatusCodes.Status404NotFound) result = result with { Outcome = StepOutcome.Done, Answer = null };
        (step.Outcome, step.StatusCode, step.Answer, step.Problem, step.EndedAt) = (result.Outcome, result.StatusCode, result.Answer, result.Problem, now);
        asked.AdvancedAt = now;
        switch (result.Outcome)
        {
            case StepOutcome.Done:
                if (undoing)
                    foreach (var undone in steps.Where(earlier => made.Call.Step == $"undo.{earlier.Name}")) undone.Outcome = StepOutcome.Undone;
                return true;

            case StepOutcome.Refused when made.Call.Step == TraditionalPlan.Refund:
                asked.Status = ReturnStatus.Declined;
                return false;

            case StepOutcome.Refused when ForgetReport(asked, made.Call.Step):
                return false;

            case StepOutcome.Refused when !undoing && asked.Reported.Received is null:
                asked.UndoReason = result.Problem!.Length > 500 ? result.Problem[..500] : result.Problem;
                return true;

            default:
                if (asked.Status != ReturnStatus.Incomplete)
                    facts.Record(asked.ReturnId, new ReturnIncomplete(asked.ReturnId, made.Call.Step, result.Problem ?? "No answer."), asked.Mode.Wire());
                asked.Status = ReturnStatus.Incomplete;
                return false;
        }
    }

    // A report that the team in charge refuses was never made; the person gets that team's answer and can correct it.
    private static bool ForgetReport(Return asked, string step)
    {
        asked.Reported = step switch
        {
            TraditionalPlan.Receipt => asked.Reported with { Received = null },
            TraditionalPlan.Diagnosis => asked.Reported with { Diagnosed = null },
            TraditionalPlan.Completion => asked.Reported with { Disassembled = null },
            _ => asked.Reported,
        };
        return step is TraditionalPlan.Receipt or TraditionalPlan.Diagnosis or TraditionalPlan.Completion;
    }

    private static void Finish(Return asked, Facts facts)
    {
        if (asked.UndoReason is { } reason && asked.Status != ReturnStatus.Cancelled)
        {
            asked.Status = ReturnStatus.Cancelled;
            facts.Record(asked.ReturnId, new ReturnCancelled(asked.ReturnId, reason), asked.Mode.Wire());
        }
        else if (asked.Status is ReturnStatus.Requested or ReturnStatus.Incomplete)
        {
            if (asked.Status == ReturnStatus.Incomplete) facts.Record(asked.ReturnId, new ReturnResumed(asked.ReturnId), asked.Mode.Wire());
            asked.Status = ReturnStatus.Approved;
        }
    }

    private static ReturnStep Begin(Return asked, List<ReturnStep> steps, TeamCall call, UserSupportDb db, DateTimeOffset now)
    {
        // A step without a known outcome is made again under its own number and key.
        if (steps.SingleOrDefault(step => step.Name == call.Step && step.Outcome is (StepOutcome.Unknown or StepOutcome.NotReached)) is { } again)
        {
            (again.Outcome, again.EndedAt) = (StepOutcome.Unknown, null);
            return again;
        }

        var step = new ReturnStep { ReturnId = asked.ReturnId, Number = steps.Count + 1, Name = call.Step, Outcome = StepOutcome.Unknown, StartedAt = now };
        db.Add(step);
        steps.Add(step);
        return step;
    }

    private static void Release(Return asked, DateTimeOffset now) => (asked.DrivenBy, asked.DrivenUntil, asked.AdvancedAt) = (null, null, now);

    [LoggerMessage(Level = LogLevel.Information, Message = "Called {Step}: {Outcome} {Problem}")]
    private partial void LogCalled(string step, StepOutcome outcome, string problem);
}
