using System.Text.Json;
using EseErp.Contracts;
using EseErp.Contracts.Manufacturing;
using EseErp.UserSupport.Data;
using Microsoft.EntityFrameworkCore;

namespace EseErp.UserSupport.Traditional;

/// <summary>
/// Demo pace: reports the physical steps of approved returns after a short delay, as people would. In event mode the
/// warehouse and the workbench act by themselves instead.
/// </summary>
public sealed partial class AutoAdvance(
    IServiceScopeFactory scopes, TeamClient teams, IConfiguration configuration, TimeProvider clock, ILogger<AutoAdvance> log) : BackgroundService
{
    private readonly TimeSpan _delay = configuration.GetValue("Ese:AutoAdvanceDelay", TimeSpan.FromSeconds(2));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250), clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await AdvanceDue(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception.Message);
            }
        }
    }

    /// <summary>Reports the next step of each return that waits for one.</summary>
    public async Task AdvanceDue(CancellationToken cancellationToken) => await Parallel.ForEachAsync(
        await Find(cancellationToken), new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = cancellationToken }, Advance);

    private sealed record Due(string ReturnId, string SerialNumber, bool IsReceived, bool IsDiagnosed);

    private async Task<Due[]> Find(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<UserSupportDb>();
        var before = clock.GetUtcNow() - _delay;
        // What a team has refused is for a person: to report it again would only be refused again.
        var due = await db.Database.SqlQuery<Due>(
            $"""
            select saga.return_id as "ReturnId", asked.serial_number as "SerialNumber",
                   reported ->> 'received' is not null as "IsReceived", reported ->> 'diagnosed' is not null as "IsDiagnosed"
            from traditional_returns saga join returns asked on asked.return_id = saga.return_id
            where asked.status = 'Approved' and due_at is not null and undo_cause is null and advanced_at < {before} and driven_until is null
              and reported ->> 'disassembled' is null and reported ->> 'waived' is null
              and coalesce(reported -> 'diagnosed' ->> 'disposition', 'Scrap') in ('Scrap', 'Refurbish')
              and not exists (
                  select 1 from return_steps refused where refused.return_id = saga.return_id and refused.outcome = 'Refused'
                    and refused.name = case
                        when reported ->> 'received' is null then {TraditionalPlan.Receipt}
                        when reported ->> 'diagnosed' is null then {TraditionalPlan.Diagnosis}
                        else {TraditionalPlan.Completion} end)
            order by advanced_at limit 200
            """).ToArrayAsync(cancellationToken);
        // Another replica has the same list: in the same order each would mostly find what the other is driving.
        Random.Shared.Shuffle(due);
        return due;
    }

    private async ValueTask Advance(Due due, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var report = scope.ServiceProvider.GetRequiredService<StepReport>();
        if (!due.IsReceived)
        {
            var item = new ItemReport(due.SerialNumber, "as described");
            await report.Report(due.ReturnId, "", r => r.Received, item, r => r with { Received = item }, saga => saga.ReasonNotToReport, cancellationToken);
        }
        else if (await Bill(due.ReturnId, cancellationToken) is not { } bill)
        {
            return;
        }
        else if (!due.IsDiagnosed)
        {
            var diagnosis = Diagnosis(bill);
            await report.Report(due.ReturnId, "", r => r.Diagnosed, diagnosis, r => r with { Diagnosed = diagnosis }, saga => saga.ReasonNotToReport, cancellationToken);
        }
        else
        {
            var completion = Completion(bill);
            await report.Report(due.ReturnId, "", r => r.Disassembled, completion, r => r with { Disassembled = completion }, saga => saga.ReasonNotToReport, cancellationToken);
        }
    }

    // Of the device that is on the workbench, which need not be the announced one.
    private async Task<JsonElement?> Bill(string returnId, CancellationToken cancellationToken) =>
        await teams.Read("manufacturing", $"/disassembly-orders/{returnId}", cancellationToken) is { } order
            ? await teams.Read("manufacturing", $"/bills-of-materials/{Uri.EscapeDataString(order.GetProperty("sku").GetString()!)}", cancellationToken)
            : null;

    // The first fault that a model has: this mechanic does not look any further.
    private static RecordDiagnosis Diagnosis(JsonElement bill) =>
        new(bill.GetProperty("faultCodes").EnumerateArray().Select(code => code.GetString()!).FirstOrDefault("NO_FAULT_FOUND"), Disposition.Scrap);

    // Every part comes out in good order but the first, which was at fault.
    private static CompleteDisassembly Completion(JsonElement bill) => new(
        bill.GetProperty("parts").EnumerateArray().Select((part, index) => new RecoveredPart(
            part.GetProperty("partSku").GetString()!, index == 0 ? PartQuality.Scrap : PartQuality.Good, part.GetProperty("quantity").GetInt32())).ToList(),
        20);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Automatic reporting of steps failed: {Reason}")]
    private partial void LogFailed(string reason);
}
