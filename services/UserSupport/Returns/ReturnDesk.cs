using EseErp.Contracts;
using EseErp.Contracts.UserSupport;
using EseErp.EventStore;
using EseErp.ServiceDefaults;
using EseErp.UserSupport.Data;
using EseErp.UserSupport.Traditional;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace EseErp.UserSupport.Returns;

/// <summary>Takes returns. In event mode that is all: one row, one event, one transaction.</summary>
public sealed partial class ReturnDesk(
    UserSupportDb db, Documents documents, Facts facts, Causality causality, IOptions<ReturnOptions> options, TimeProvider clock, ILogger<ReturnDesk> log)
{
    private readonly List<long> _numbers = [];

    /// <summary>Returns filed before, in the order of their ids as given.</summary>
    public async Task<IReadOnlyList<Return>> Find(IReadOnlyList<string> returnIds, CancellationToken cancellationToken)
    {
        var known = await db.Returns.AsNoTracking().Where(asked => returnIds.Contains(asked.ReturnId)).ToDictionaryAsync(asked => asked.ReturnId, cancellationToken);
        return returnIds.Select(returnId => known[returnId]).ToList();
    }

    /// <summary>Has a unit's first round trip take numbers for returns about to be filed.</summary>
    public void WantNumbers(int count, BatchReads reads) => reads.Add(
        // A number is given out for good, so a rehearsal takes none.
        Rehearsal.IsOn ? $"select {ReturnIds.RehearsedNumber} from generate_series(1, $1)" : "select nextval('return_numbers') from generate_series(1, $1)",
        parameters => parameters.Add(new NpgsqlParameter<int> { TypedValue = count }),
        async (reader, cancellationToken) =>
        {
            _numbers.Clear();
            while (await reader.ReadAsync(cancellationToken)) _numbers.Add(reader.GetInt64(0));
        });

    /// <summary>Files returns within the caller's transaction, after <see cref="WantNumbers"/>.</summary>
    /// <param name="respondAsync">Whether the caller prefers to be answered at once.</param>
    public IReadOnlyList<Return> File(IReadOnlyList<FileReturn> requests, CoordinationMode runningMode, bool respondAsync)
    {
        // PostgreSQL keeps microseconds. What the first call says must be what a later attempt reads: a team knows both by one key.
        var now = clock.GetUtcNow();
        now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
        var defaults = options.Value;
        var filed = new List<Return>(requests.Count);
        foreach (var (request, number) in requests.Zip(_numbers))
        {
            var returnId = ReturnIds.Of(now, number);
            var mode = request.Mode ?? runningMode;
            // Traditional mode knows two ways to be answered; the caller may prefer the other one.
            if (respondAsync && mode == CoordinationMode.Traditional) mode = CoordinationMode.TraditionalAsync;
            var taken = new Return
            {
                ReturnId = returnId,
                CaseId = request.CaseId ?? returnId,
                OrderId = request.OrderId,
                LineId = request.LineId,
                Sku = request.Sku,
                SerialNumber = request.SerialNumber,
                Reason = request.Reason,
                Resolution = request.Resolution ?? Resolution.RefundAndReplace,
                ReplacementTiming = request.ReplacementTiming ?? ReplacementTiming.OnReceipt,
                ShipmentId = request.ShipmentId,
                Location = request.Location ?? defaults.Location,
                CostCenter = request.CostCenter ?? defaults.CostCenter,
                CostCurrency = defaults.CostCurrency,
                Mode = mode,
                FiledAt = now,
                AdvancedAt = now,
                DriverKey = mode.IsTraditional() ? Guid.NewGuid() : null,
                CallbackUrl = request.CallbackUrl,
                WakeAt = TraditionalCourse.FirstWakeAt(mode, now),
                CorrelationId = requests.Count == 1 ? causality.CorrelationId : Guid.CreateVersion7().ToString("N"),
            };
            causality.CorrelationId = taken.CorrelationId;
            documents.Add(returnId, taken);
            var eventId = facts.Record(returnId, taken.Request(), taken.Mode.Wire());
            if (mode == CoordinationMode.TraditionalAsync) facts.Record(returnId, new ReturnAcknowledged(returnId), mode.Wire());
            // Of several returns in one request each has a correlation id of its own.
            using var scope = log.BeginScope(new Dictionary<string, object> { ["eventId"] = eventId, ["correlationId"] = taken.CorrelationId });
            LogFiled(returnId, taken.Mode.Text(), taken.SerialNumber, taken.OrderId);
            filed.Add(taken);
        }

        return filed;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Return {ReturnId} filed in {Mode} mode: {SerialNumber} of order {OrderId}")]
    private partial void LogFiled(string returnId, string mode, string serialNumber, string orderId);
}
