using System.Text.Json;
using EseErp.Contracts;
using EseErp.Contracts.UserSupport;
using EseErp.ServiceDefaults;
using EseErp.UserSupport.Modes;
using EseErp.UserSupport.Returns;

namespace EseErp.UserSupport.Traditional;

/// <summary>Turns the state of the process into an HTTP answer.</summary>
public sealed class TraditionalAnswers(Links links)
{
    /// <summary>The answer to filing and to resuming: 201, 409, 502 or 504.</summary>
    public IResult Filed(Progress progress) => progress switch
    {
        { Busy: true } => Problems.Conflict("Another request is working on this return; try again.", Members(progress), isTransient: true),
        { Failure: not null } => Incomplete(progress),
        { Saga.Status: ReturnStatus.Declined } => Problems.Conflict("Sales rejects the refund.", Members(progress)),
        { Saga.Status: ReturnStatus.Expired } => Problems.Conflict("The item did not come back in time; the return has expired.", Members(progress)),
        { Saga.Status: ReturnStatus.Cancelled } => Problems.Conflict(
            $"The return was called off and what was done was undone: {progress.Saga.UndoReason}", Members(progress)),
        { Saga.Status: ReturnStatus.Incomplete } => Incomplete(progress),
        _ => TypedResults.Created($"/returns/{progress.Saga.ReturnId}", Answer(progress)),
    };

    /// <summary>The answer to resuming: 200 for a return that is as it should be, else as to filing.</summary>
    public IResult Resumed(Progress progress) => progress is
    { Busy: false, Failure: null, Saga.Status: ReturnStatus.Approved or ReturnStatus.UnderReview } ? TypedResults.Ok(Answer(progress)) : Filed(progress);

    /// <summary>The answer to calling a return off: 200, or why that is not possible.</summary>
    public IResult Cancelled(Progress progress) => progress switch
    {
        { Busy: true } or { Failure: not null } or { Refusal: not null } => Filed(progress),
        { Saga.Status: ReturnStatus.Cancelled } => TypedResults.Ok(ReturnView.Of(progress.Saga.Return, progress.Saga.Course(progress.Steps), links.Of(progress.Saga.Return))),
        _ => Problems.Conflict(progress.Saga.ReasonNotToCancel ?? progress.Saga.Return.CancellationRefusal ?? "The return continues.", Members(progress)),
    };

    /// <summary>The answer to a report of a physical step: 200, or what the team in charge says against it.</summary>
    public IResult Reported(Progress progress) => progress switch
    {
        { Busy: true } or { Failure: not null } => Filed(progress),
        { Refusal: { } refusal } when progress.Saga.Status != ReturnStatus.Incomplete => Problems.Status(
            refusal.StatusCode is 400 or 404 or 422 ? 422 : 409, "Refused by the team in charge", refusal.Problem!, WithErrors(Members(progress), refusal)),
        { Saga.Status: ReturnStatus.Incomplete } => Filed(progress),
        _ => TypedResults.Ok(Answer(progress)),
    };

    /// <summary>What has come of a return whose caller waits.</summary>
    public Carried Carried(Progress progress)
    {
        var answer = Filed(progress);
        return new Carried(
            answer,
            new BatchItem(
                progress.Saga.ReturnId, progress.Saga.Mode, progress.Saga.Status,
                (answer as IStatusCodeHttpResult)?.StatusCode ?? StatusCodes.Status201Created, Reasons(progress), links.Of(progress.Saga.Return)),
            progress.Busy);
    }

    private StatusProblem Incomplete(Progress progress)
    {
        var timedOut = progress.Failure?.TimedOut ?? false;
        return Problems.Status(
            timedOut ? StatusCodes.Status504GatewayTimeout : StatusCodes.Status502BadGateway,
            timedOut ? "A team did not answer in time" : "A team could not be reached",
            (progress.Failure?.Problem ?? progress.Refusal?.Problem ?? "A team has not answered yet.")
                + " The return continues by itself when the team is back; resume it to try at once.",
            Members(progress));
    }

    private TraditionalAnswer Answer(Progress progress) => new(
        progress.Saga.ReturnId, progress.Saga.Mode, progress.Saga.Status, Documents(progress), progress.Steps.Select(step => step.View()).ToList(),
        links.Of(progress.Saga.Return));

    private Dictionary<string, object?> Members(Progress progress) => new()
    {
        ["returnId"] = progress.Saga.ReturnId,
        ["mode"] = progress.Saga.Mode,
        ["returnStatus"] = progress.Saga.Status,
        ["reasons"] = Reasons(progress),
        ["documents"] = Documents(progress),
        ["steps"] = progress.Steps.Select(step => step.View()).ToList(),
        ["links"] = links.Of(progress.Saga.Return),
    };

    // A report has the fields of the call that it becomes, so what the team says of a field is true of the report.
    private static Dictionary<string, object?> WithErrors(Dictionary<string, object?> members, CallResult refusal)
    {
        if (refusal.Answer is { } answer && JsonElement.Parse(answer) is { ValueKind: JsonValueKind.Object } problem && problem.TryGetProperty("errors", out var errors))
            members["errors"] = errors;
        return members;
    }

    private static string[]? Reasons(Progress progress) => progress.Saga.Status switch
    {
        ReturnStatus.Declined when progress.Saga.UndoCause is not null =>
            [.. new TeamAnswers(progress.Steps).Refund!.Reasons.DefaultIfEmpty(RejectionReason.DeclinedOnReview).Select(reason => reason.ToString())],
        ReturnStatus.Declined when progress.Steps.LastOrDefault(step => step.Name == TraditionalPlan.Refund)?.Answer is { } answer
            && JsonElement.Parse(answer).TryGetProperty("reasons", out var reasons) && reasons.ValueKind == JsonValueKind.Array =>
            reasons.EnumerateArray().Select(reason => reason.GetString()!).ToArray(),
        ReturnStatus.Declined => [progress.Steps.LastOrDefault(step => step.Name == TraditionalPlan.Refund)?.Problem ?? "Refused by Sales."],
        ReturnStatus.Expired => [progress.Saga.UndoReason!],
        ReturnStatus.Cancelled => [progress.Saga.UndoReason!],
        _ => null,
    };

    private static TeamDocuments Documents(Progress progress) => new(
        Latest(progress, "sales"), Latest(progress, "inventory"), Latest(progress, "manufacturing"), Latest(progress, "accounting"));

    // A refusal is a problem document and not the team's document.
    private static JsonElement? Latest(Progress progress, string team) =>
        progress.Steps.Where(step => step.Team == team && step.Answer is not null && step.Outcome is (StepOutcome.Done or StepOutcome.Undone))
            .OrderBy(step => step.EndedAt).LastOrDefault()?.Answer is { } answer ? JsonElement.Parse(answer) : null;
}
