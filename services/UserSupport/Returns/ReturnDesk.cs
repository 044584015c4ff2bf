using EseErp.Contracts;
using EseErp.Contracts.UserSupport;
using EseErp.EventStore;
using EseErp.ServiceDefaults;
using EseErp.UserSupport.Data;
using EseErp.UserSupport.Modes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace EseErp.UserSupport.Returns;

/// <summary>Files returns: one row each, and what their coordination adds. In event mode that is one event.</summary>
public sealed partial class ReturnDesk(
    UserSupportDb db, Documents documents, Coordinations coordinations, Causality causality, IOptions<ReturnOptions> options, TimeProvider clock, ILogger<ReturnDesk> log)
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
    /// <param name="modeOf">The mode that a request is filed in.</param>
    /// <param name="isCarriedNext">As for <see cref="ICoordination.Take"/>.</param>
    public IReadOnlyList<Return> File(IReadOnlyList<FileReturn> requests, Func<FileReturn, CoordinationMode> modeOf, bool isCarriedNext)
    {
        // PostgreSQL keeps microseconds. What the first call says must be what a later attempt reads: a team knows both by one key.
        var now = clock.GetUtcNow();
        now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
        var defaults = options.Value;
        var filed = new List<Return>(requests.Count);
        foreach (var (request, number) in requests.Zip(_numbers))
        {
            var returnId = ReturnIds.Of(now, number);
            var mode = modeOf(request);
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
                CorrelationId = requests.Count == 1 ? causality.CorrelationId : Guid.CreateVersion7().ToString("N"),
            };
            causality.CorrelationId = taken.CorrelationId;
            documents.Add(returnId, taken);
            var eventId = coordinations.Of(mode).Take(taken, request.CallbackUrl, isCarriedNext);
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
