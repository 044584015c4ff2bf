using System.Text.Json;
using EseErp.Contracts;
using EseErp.Contracts.UserSupport;
using EseErp.EventStore;
using EseErp.ServiceDefaults;
using EseErp.UserSupport.Returns;

namespace EseErp.UserSupport.Traditional;

/// <summary>Takes the report of a physical step and tells the teams.</summary>
public sealed class StepReport(
    Documents documents, UnitOfWork unit, TraditionalProcess process, TraditionalAnswers answers, TimeProvider clock, IHostApplicationLifetime lifetime)
{
    /// <summary>
    /// Writes the report down, then calls the teams. The same report again is answered like the first; another one for the
    /// same step is refused.
    /// </summary>
    /// <param name="whereInEventMode">Where the step is reported in event mode.</param>
    /// <param name="missing">Why it is too early, or null.</param>
    public async Task<IResult> Report<T>(
        string returnId, string whereInEventMode, Func<ReportedSteps, T?> present, T report, Func<ReportedSteps, ReportedSteps> with,
        Func<ReportedSteps, string?> missing, CancellationToken cancellationToken) where T : class
    {
        var driver = Guid.CreateVersion7();
        var refusal = await unit.Run(async token =>
        {
            if (await documents.Find<Return>(returnId, token) is not { } asked) return Problems.NotFound("return", returnId);
            if (asked.Mode == CoordinationMode.Event) return Problems.Conflict($"This return runs in event mode: report it by {whereInEventMode}.");
            if (present(asked.Reported) is { } earlier)
                return Same(earlier, report) ? null : Problems.Conflict("This step was reported before, with other content.");
            if (asked.Status != ReturnStatus.Approved)
                return Problems.Conflict($"The return is {asked.Status}; only an approved return goes on.");
            if (missing(asked.Reported) is { } reason) return Problems.Conflict(reason);
            if (asked.DrivenUntil > clock.GetUtcNow()) return Problems.Conflict("The return is being worked on at this moment; ask again.");
            (asked.Reported, asked.AdvancedAt) = (with(asked.Reported), clock.GetUtcNow());
            process.Claim(asked, driver);
            return (IResult?)null;
        }, cancellationToken);
        return refusal ?? answers.Reported(await process.Drive(returnId, driver, lifetime.ApplicationStopping));
    }

    private static bool Same<T>(T earlier, T report) =>
        JsonSerializer.Serialize(earlier, EventJson.Options) == JsonSerializer.Serialize(report, EventJson.Options);
}
