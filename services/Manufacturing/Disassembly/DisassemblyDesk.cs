using EseErp.Contracts;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.Sales;
using EseErp.Contracts.UserSupport;
using EseErp.EventStore;
using EseErp.Manufacturing.BillsOfMaterials;
using Microsoft.Extensions.Options;

namespace EseErp.Manufacturing.Disassembly;

/// <summary>
/// The one place where Manufacturing works on a disassembly order, in both modes: consumers and endpoints call it, within a
/// transaction that they own.
/// </summary>
public sealed partial class DisassemblyDesk(
    Documents documents, EarlyFacts earlyFacts, Drivers drivers, Facts facts, IOptions<DisassemblyOptions> options, TimeProvider clock, ILogger<DisassemblyDesk> log)
{
    /// <summary>Opens an order. One that is known is left as it is.</summary>
    /// <exception cref="ConflictException">Another one is known under its id, or it is coordinated in another way.</exception>
    public async Task<DisassemblyOrder> Open(OpenDisassemblyOrder asked, CoordinationMode coordination, CancellationToken cancellationToken)
    {
        if (await Find(asked.ReturnId, cancellationToken) is { } known)
        {
            ConflictException.ThrowIfOther(
                $"disassembly order of {known.ReturnId}", ("coordination", known.Coordination, coordination), ("sku", known.Sku, asked.Sku),
                ("serialNumber", known.SerialNumber, SerialNumbers.AsKnown(known.SerialNumber, asked.SerialNumber)));
            await drivers.ThrowIfAnothers(asked.ReturnId, cancellationToken);
            return known;
        }

        if (!ReturnIds.CanBeFiled(asked.ReturnId, clock.GetUtcNow())) throw ConflictException.NoReturn(asked.ReturnId);
        var order = new DisassemblyOrder
        {
            ReturnId = asked.ReturnId,
            Sku = asked.Sku,
            SerialNumber = asked.SerialNumber,
            Currency = options.Value.Currency,
            Coordination = coordination,
            RequestedAt = clock.GetUtcNow(),
        };
        Record(order, order.Begin());
        documents.Add(order.ReturnId, order);
        drivers.Open(order.ReturnId);
        var early = await earlyFacts.Take(order.ReturnId, cancellationToken);
        if (early.Count > 0 && coordination == CoordinationMode.Traditional) throw ConflictException.CoordinatedByEvents(asked.ReturnId);
        foreach (var fact in early) Apply(order, fact);
        return order;
    }

    /// <summary>A fact from another team that concerns an order. One that overtakes its request is remembered.</summary>
    /// <exception cref="ConflictException">It contradicts what was noted before, or the return is coordinated by calls.</exception>
    public async Task Note(string returnId, object fact, CancellationToken cancellationToken)
    {
        if (await Find(returnId, cancellationToken) is not { } order) earlyFacts.Remember(returnId, fact);
        else if (order.Coordination == CoordinationMode.Traditional) throw ConflictException.CoordinatedByCalls(returnId);
        else Apply(order, fact);
    }

    /// <summary>The order of a return, locked; null when Manufacturing has not been asked.</summary>
    public ValueTask<DisassemblyOrder?> Find(string returnId, CancellationToken cancellationToken) =>
        documents.Find<DisassemblyOrder>(returnId, cancellationToken);

    /// <summary>The order of a return that is driven by calls, locked; null when Manufacturing has not been asked.</summary>
    /// <exception cref="ConflictException">It is coordinated by events, or somebody else drives it.</exception>
    public async Task<DisassemblyOrder?> FindDriven(string returnId, CancellationToken cancellationToken)
    {
        var order = await Find(returnId, cancellationToken);
        if (order?.Coordination == CoordinationMode.Event) throw ConflictException.CoordinatedByEvents(returnId);
        await drivers.Drive(returnId, cancellationToken);
        return order;
    }

    /// <summary>Applies a fact to an order.</summary>
    /// <exception cref="ConflictException">It contradicts what was noted before.</exception>
    public void Apply(DisassemblyOrder order, object fact)
    {
        ThrowIfContradicted(order, fact);
        Record(order, Following(order, fact));
    }

    private static void ThrowIfContradicted(DisassemblyOrder order, object fact)
    {
        var item = $"item of {order.ReturnId}";
        switch (fact)
        {
            case ItemReceived { SerialNumber: var read }:
                ConflictException.ThrowIfOther(item, ("serialNumber", order.ReceivedSerialNumber ?? read, SerialNumbers.AsKnown(order.ReceivedSerialNumber, read)));
                break;
            case ItemMismatchAccepted { SerialNumber: var came } accepted:
                var known = order.AcceptedSerialNumber ?? order.ReceivedSerialNumber ?? came;
                var sku = order.MismatchAccepted ? order.ItemSku : accepted.Sku;
                ConflictException.ThrowIfOther(item, ("serialNumber", known, SerialNumbers.AsKnown(known, came ?? known)), ("sku", sku, accepted.Sku ?? sku));
                break;
        }
    }

    private IEnumerable<object> Following(DisassemblyOrder order, object fact) => fact switch
    {
        ItemReceived received => order.ItemReceived(received.SerialNumber, clock.GetUtcNow()),
        OrderRefundRejected rejected => order.Cancel(rejected.Note ?? $"Sales rejects the refund: {string.Join(", ", rejected.Reasons)}.", clock.GetUtcNow()),
        ItemMismatchAccepted accepted => AcceptMismatch(order, accepted),
        ItemWaived waived => order.Cancel(waived.Reason, clock.GetUtcNow()),
        ReturnExpired => order.Cancel("The item did not come back in time.", clock.GetUtcNow()),
        ReturnCancelled cancelled => order.Cancel(cancelled.Reason, clock.GetUtcNow()),
        _ => throw new ArgumentOutOfRangeException(nameof(fact), fact.GetType(), "Manufacturing does not react to this fact."),
    };

    private IEnumerable<object> AcceptMismatch(DisassemblyOrder order, ItemMismatchAccepted accepted)
    {
        LogMismatchAccepted(order.ReturnId);
        return order.AcceptMismatch(clock.GetUtcNow(), accepted.Sku, accepted.SerialNumber);
    }

    /// <summary>The item was inspected. The caller has asked <see cref="DisassemblyOrder.ReasonNotToDiagnose"/>.</summary>
    public void Diagnose(DisassemblyOrder order, RecordDiagnosis diagnosis) => Record(order, order.Diagnose(diagnosis, clock.GetUtcNow()));

    /// <summary>
    /// The item was taken apart. The caller has asked <see cref="DisassemblyOrder.ReasonNotToTakeApart"/> and
    /// <see cref="PartsCheck"/>.
    /// </summary>
    public void TakeApart(DisassemblyOrder order, CompleteDisassembly done, BillOfMaterials bill) =>
        Record(order, order.TakeApart(done, bill, options.Value.LabourRatePerMinute, clock.GetUtcNow()));

    private void Record(DisassemblyOrder order, IEnumerable<object> happened)
    {
        foreach (var fact in happened)
        {
            facts.Record(order.ReturnId, fact, order.Coordination.Wire());
            switch (fact)
            {
                case DisassemblyOrderOpened opened: LogOpened(order.ReturnId, opened.Sku); break;
                case ItemMismatch mismatch: LogMismatch(order.ReturnId, mismatch.ReceivedSerialNumber, mismatch.ExpectedSerialNumber); break;
                case ItemDiagnosed diagnosed: LogDiagnosed(order.ReturnId, diagnosed.FaultCode, diagnosed.Disposition); break;
                case DisassemblyCompleted completed: LogCompleted(order.ReturnId, completed.RecoveredValue, completed.LabourCost, completed.Currency); break;
                case DisassemblyOrderCancelled cancelled: LogCancelled(order.ReturnId, cancelled.Reason); break;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Disassembly of {ReturnId} waits for its item: one {Sku}")]
    private partial void LogOpened(string returnId, string sku);

    [LoggerMessage(Level = LogLevel.Information, Message = "Item of {ReturnId} is another device: {ReceivedSerialNumber} instead of {SerialNumber}")]
    private partial void LogMismatch(string returnId, string receivedSerialNumber, string serialNumber);

    [LoggerMessage(Level = LogLevel.Information, Message = "Item of {ReturnId} is inspected although it is another device")]
    private partial void LogMismatchAccepted(string returnId);

    [LoggerMessage(Level = LogLevel.Information, Message = "Item of {ReturnId} diagnosed: {FaultCode}, {Disposition}")]
    private partial void LogDiagnosed(string returnId, string faultCode, Disposition disposition);

    [LoggerMessage(Level = LogLevel.Information, Message = "Item of {ReturnId} taken apart: parts of {RecoveredValue}, labour of {LabourCost} {Currency}")]
    private partial void LogCompleted(string returnId, decimal recoveredValue, decimal labourCost, string currency);

    [LoggerMessage(Level = LogLevel.Information, Message = "Disassembly of {ReturnId} cancelled: {Reason}")]
    private partial void LogCancelled(string returnId, string reason);
}
