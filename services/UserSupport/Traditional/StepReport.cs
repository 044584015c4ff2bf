using System.Text.Json;
using EseErp.Contracts;
using EseErp.EventStore;
using EseErp.ServiceDefaults;

namespace EseErp.UserSupport.Traditional;

/// <summary>Takes the report of a physical step and tells the teams.</summary>
public sealed class StepReport(ReturnClaim claim, TraditionalAnswers answers, TimeProvider clock)
{
    /// <summary>
    /// Writes the report down, then calls the teams. The same report again is answered like the first; another one for the
    /// same step is refused.
    /// </summary>
    /// <param name="whereInEventMode">Where the step is reported in event mode.</param>
    /// <param name="reasonNot">Why the step cannot be reported now, or null.</param>
    public Task<IResult> Report<T>(
        string returnId, string whereInEventMode, Func<ReportedSteps, T?> present, T report, Func<ReportedSteps, ReportedSteps> with,
        Func<TraditionalReturn, string?> reasonNot, CancellationToken cancellationToken) where T : class => claim.Drive(
        returnId,
        saga =>
        {
            if (present(saga.Reported) is { } earlier)
                return Same(earlier, report) ? null : Problems.Conflict("This step was reported before, with other content.");
            if (reasonNot(saga) is { } reason) return Problems.Conflict(reason);
            (saga.Reported, saga.AdvancedAt) = (with(saga.Reported), clock.GetUtcNow());
            return null;
        },
        answers.Reported,
        cancellationToken,
        $"This return runs in event mode: report it by {whereInEventMode}.");

    private static bool Same<T>(T earlier, T report) => Content(earlier) == Content(report);

    // A serial number is the same however it is written.
    private static string Content<T>(T report) => report is ItemReport item
        ? JsonSerializer.Serialize(item with { SerialNumber = SerialNumbers.Normal(item.SerialNumber) }, EventJson.Options)
        : JsonSerializer.Serialize(report, EventJson.Options);
}
