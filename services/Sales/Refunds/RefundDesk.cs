using EseErp.Contracts;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.Sales;
using EseErp.Contracts.UserSupport;
using EseErp.EventStore;
using EseErp.Sales.Orders;
using Microsoft.Extensions.Options;

namespace EseErp.Sales.Refunds;

/// <summary>
/// The one place where Sales works on a refund, in both modes: consumers and endpoints call it, within a transaction that
/// they own.
/// </summary>
public sealed partial class RefundDesk(
    Documents documents, EarlyFacts earlyFacts, Drivers drivers, ReturnedDevices returned, SoldDevices sold, Facts facts, IOptions<RefundOptions> options,
    TimeProvider clock, ILogger<RefundDesk> log)
{
    /// <summary>Decides a request. A request that was decided before is left as it is.</summary>
    /// <exception cref="ConflictException">Another one was decided under its id, or it is coordinated in another way.</exception>
    public async Task<OrderRefundRequest> Open(OpenOrderRefundRequest request, CoordinationMode coordination, CancellationToken cancellationToken)
    {
        if (await Find(request.ReturnId, cancellationToken) is { } known)
        {
            ConflictException.ThrowIfOther(
                $"refund request of {known.ReturnId}", ("coordination", known.Coordination, coordination), ("orderId", known.OrderId, request.OrderId),
                ("lineId", known.LineId, request.LineId), ("sku", known.Sku ?? request.Sku, request.Sku), ("serialNumber", known.SerialNumber, SerialNumbers.AsKnown(known.SerialNumber, request.SerialNumber)),
                ("shipmentId", known.ShipmentId ?? request.ShipmentId, request.ShipmentId), ("reason", known.Reason, request.Reason), ("resolution", known.Resolution, request.Resolution));
            await drivers.ThrowIfAnothers(request.ReturnId, cancellationToken);
            return known;
        }

        if (!ReturnIds.CanBeFiled(request.ReturnId, clock.GetUtcNow())) throw ConflictException.NoReturn(request.ReturnId);
        var order = await documents.Find<Order>(request.OrderId, cancellationToken);
        var now = clock.GetUtcNow();
        var refund = new OrderRefundRequest
        {
            ReturnId = request.ReturnId,
            OrderId = request.OrderId,
            LineId = request.LineId,
            SerialNumber = request.SerialNumber,
            Sku = request.Sku,
            ShipmentId = request.ShipmentId,
            Reason = request.Reason,
            Resolution = request.Resolution,
            Coordination = coordination,
            // Nobody has filed in the future; another machine's clock may say so. The database takes no offset but that of UTC.
            RequestedAt = request.FiledAt < now ? request.FiledAt.Value.ToUniversalTime() : now,
        };
        // What is known already counts: nothing is paid for a return that was called off before Sales heard of it.
        var early = await earlyFacts.Take(refund.ReturnId, cancellationToken);
        if (early.Count > 0 && coordination == CoordinationMode.Traditional) throw ConflictException.CoordinatedByEvents(request.ReturnId);
        foreach (var fact in early) await Apply(refund, fact, cancellationToken);
        var history = await sold.HistoryOf(order, request.LineId, request.SerialNumber, request.Sku, cancellationToken);
        Record(refund, refund.Decide(order, request.Sku, await returned.Contain(request.SerialNumber, order, cancellationToken), options.Value.Policy, now, options.Value.Terms, history));
        documents.Add(refund.ReturnId, refund);
        drivers.Open(refund.ReturnId);
        returned.Add(refund);
        sold.Add(refund);
        return refund;
    }

    /// <summary>A fact from another team that concerns a refund. One that overtakes its request is remembered.</summary>
    /// <exception cref="ConflictException">It contradicts what was noted before, or the return is coordinated by calls.</exception>
    public async Task Note(string returnId, object fact, CancellationToken cancellationToken)
    {
        if (await Find(returnId, cancellationToken) is not { } refund) earlyFacts.Remember(returnId, fact);
        else if (refund.Coordination == CoordinationMode.Traditional) throw ConflictException.CoordinatedByCalls(returnId);
        else await Apply(refund, fact, cancellationToken);
    }

    /// <summary>The refund of a return, locked; null when Sales has not been asked.</summary>
    public ValueTask<OrderRefundRequest?> Find(string returnId, CancellationToken cancellationToken) =>
        documents.Find<OrderRefundRequest>(returnId, cancellationToken);

    /// <summary>The refund of a return that is driven by calls, locked; null when Sales has not been asked.</summary>
    /// <exception cref="ConflictException">It is coordinated by events, or somebody else drives it.</exception>
    public async Task<OrderRefundRequest?> FindDriven(string returnId, CancellationToken cancellationToken)
    {
        var refund = await Find(returnId, cancellationToken);
        if (refund?.Coordination == CoordinationMode.Event) throw ConflictException.CoordinatedByEvents(returnId);
        await drivers.Drive(returnId, cancellationToken);
        return refund;
    }

    /// <summary>Applies a fact to a refund.</summary>
    /// <exception cref="ConflictException">It contradicts what was noted before.</exception>
    public async Task Apply(OrderRefundRequest refund, object fact, CancellationToken cancellationToken)
    {
        var read = (fact as ItemReceived)?.SerialNumber ?? (fact as ItemMismatch)?.ReceivedSerialNumber;
        ConflictException.ThrowIfOther(
            $"item of {refund.ReturnId}", ("serialNumber", refund.ReceivedSerialNumber ?? read, SerialNumbers.AsKnown(refund.ReceivedSerialNumber, read ?? refund.ReceivedSerialNumber)),
            ("expectedSerialNumber", refund.SerialNumber, SerialNumbers.AsKnown(refund.SerialNumber, (fact as ItemMismatch)?.ExpectedSerialNumber ?? refund.SerialNumber)),
            ("replacementSerialNumber", refund.ReplacementKey, SerialNumbers.AsKnown(refund.ReplacementKey, refund.ReplacementKey is null ? null : (fact as ReplacementShipped)?.SerialNumber ?? refund.ReplacementKey)));
        Record(refund, await Following(refund, fact, cancellationToken));
    }

    private async Task<IEnumerable<object>> Following(OrderRefundRequest refund, object fact, CancellationToken cancellationToken) => fact switch
    {
        ItemReceived received => refund.ItemReceived(received.SerialNumber, Policy, clock.GetUtcNow()),
        ItemMismatch mismatch => refund.ItemReceived(mismatch.ReceivedSerialNumber, Policy, clock.GetUtcNow()),
        ReplacementShipped shipped => Shipped(refund, shipped),
        ItemWaived => refund.ItemWaived(Policy, clock.GetUtcNow()),
        ItemDiagnosed diagnosed => refund.ItemDiagnosed(diagnosed.Disposition, Policy, clock.GetUtcNow()),
        ReturnCancelled cancelled => refund.End(cancelled.Reason, await OrderOf(refund, cancellationToken), Policy, clock.GetUtcNow()),
        ReturnExpired => refund.End("The item did not come back in time.", await OrderOf(refund, cancellationToken), Policy, clock.GetUtcNow()),
        _ => throw new ArgumentOutOfRangeException(nameof(fact), fact.GetType(), "Sales does not react to this fact."),
    };

    // One that was shipped before replacements had a number cannot be told from others.
    private IEnumerable<object> Shipped(OrderRefundRequest refund, ReplacementShipped shipped)
    {
        if (shipped.SerialNumber is null) return [];
        refund.ReplacementShipped(shipped.SerialNumber, shipped.Sku);
        sold.Add(refund);
        return [];
    }

    /// <summary>A person agrees. The caller has asked <see cref="OrderRefundRequest.ReasonNotToReview"/>.</summary>
    /// <returns>Why another device that came cannot be the returned one, and nothing is changed; null when all is well.</returns>
    public async Task<RejectionReason?> Approve(OrderRefundRequest refund, string? note, CancellationToken cancellationToken)
    {
        if (refund.Review == RefundReview.Mismatch) return await TakeInstead(refund, note, cancellationToken);
        Record(refund, refund.Approve(note, await OrderOf(refund, cancellationToken), Policy, clock.GetUtcNow()));
        return null;
    }

    // The unit that really came in counts: a return that only announced it gives it up, and the other teams hear of it.
    private async Task<RejectionReason?> TakeInstead(OrderRefundRequest refund, string? note, CancellationToken cancellationToken)
    {
        var serialNumber = refund.ReceivedSerialNumber ?? refund.SerialNumber;
        var place = await sold.Find(serialNumber, refund.Sku, cancellationToken);
        var ids = await sold.ReturnsOf(serialNumber, refund.ReturnId, cancellationToken);
        await documents.Load<OrderRefundRequest>(ids, cancellationToken);
        var others = new List<OrderRefundRequest>();
        foreach (var id in ids) others.Add((await Find(id, cancellationToken))!);
        await documents.Load<Order>(
            others.Append(refund).Select(other => other.MoneyOrder).Append(place?.OrderId ?? "").Where(orderId => orderId.Length > 0), cancellationToken);

        var order = place is null ? null : await documents.Find<Order>(place.OrderId, cancellationToken);
        // A number that Sales has never sold says nothing of a device elsewhere.
        others.RemoveAll(other => order is null
            ? other.DeviceOrderId != refund.DeviceOrderId
            : !OrderRefundRequest.SpeaksAgainst(other.DeviceOrderId, other.RequestedAt, order));
        var came = order is null ? null : new SoldDevice(
            order, order.Lines.Single(line => line.LineId == place!.LineId), place!.Sku,
            new LineHistory(await sold.IsRefunded(order, place.LineId, [refund.ReturnId, .. others.Select(other => other.ReturnId)], cancellationToken)));
        var freed = others.Where(other => other.IssuedAt is null && other.MoneyOrder == order?.OrderId).Sum(other => other.Amount);
        if (refund.ReasonNotToTakeInstead(came is null ? null : came with { Freed = freed }, others.Exists(other => other.HasItsDevice || other.IssuedAt is not null), options.Value.Terms) is { } reason)
            return reason;

        foreach (var other in others) Record(other, [other.GiveUpDevice(refund.ReturnId, await OrderOf(other, cancellationToken))]);
        if (others.Count > 0) await sold.GiveUp(cancellationToken);
        Record(refund, refund.Approve(note, await OrderOf(refund, cancellationToken), Policy, clock.GetUtcNow(), came, options.Value.Terms));
        return null;
    }

    /// <summary>A person refuses. The caller has asked <see cref="OrderRefundRequest.ReasonNotToReview"/>.</summary>
    public async Task Decline(OrderRefundRequest refund, string? note, CancellationToken cancellationToken) =>
        Record(refund, refund.Decline(note, await OrderOf(refund, cancellationToken)));

    private RefundPolicy Policy => options.Value.Policy;

    private ValueTask<Order?> OrderOf(OrderRefundRequest refund, CancellationToken cancellationToken) =>
        refund.MoneyOrder.Length == 0 ? default : documents.Find<Order>(refund.MoneyOrder, cancellationToken);

    private void Record(OrderRefundRequest refund, IEnumerable<object> happened)
    {
        foreach (var fact in happened)
        {
            facts.Record(refund.ReturnId, fact, refund.Coordination.Wire());
            switch (fact)
            {
                case OrderRefundAuthorized authorized: LogAuthorized(refund.ReturnId, authorized.Amount, authorized.Currency); break;
                case OrderRefundReferred referred: LogReferred(refund.ReturnId, refund.Review, referred.Reason); break;
                case OrderRefundRejected rejected: LogRejected(refund.ReturnId, string.Join(", ", rejected.Reasons)); break;
                case RefundIssued issued: LogIssued(refund.ReturnId, issued.Amount, issued.Currency); break;
                case RefundVoided voided: LogVoided(refund.ReturnId, voided.Reason); break;
                case ItemMismatchAccepted: LogMismatchAccepted(refund.ReturnId, refund.ReceivedSerialNumber, refund.SerialNumber); break;
                case DeviceGivenUp given: LogDeviceGivenUp(refund.ReturnId, given.SerialNumber, given.CameBackIn); break;
                case SentBackAccepted: LogSentBackAccepted(refund.ReturnId); break;
                case RefundUpheld: LogUpheld(refund.ReturnId); break;
                case RefundRecovered recovered: LogRecovered(refund.ReturnId, recovered.Amount, recovered.Currency); break;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Refund of {ReturnId} authorized: {Amount} {Currency}")]
    private partial void LogAuthorized(string returnId, decimal amount, string currency);

    [LoggerMessage(Level = LogLevel.Information, Message = "Refund of {ReturnId} rejected: {Reasons}")]
    private partial void LogRejected(string returnId, string reasons);

    [LoggerMessage(Level = LogLevel.Information, Message = "Refund of {ReturnId} paid: {Amount} {Currency}")]
    private partial void LogIssued(string returnId, decimal amount, string currency);

    [LoggerMessage(Level = LogLevel.Information, Message = "Refund of {ReturnId} voided: {Reason}")]
    private partial void LogVoided(string returnId, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Refund of {ReturnId} under review ({Review}): {Reason}")]
    private partial void LogReferred(string returnId, RefundReview? review, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Item of {ReturnId} accepted although it is another device: {ReceivedSerialNumber} instead of {SerialNumber}")]
    private partial void LogMismatchAccepted(string returnId, string? receivedSerialNumber, string serialNumber);

    [LoggerMessage(Level = LogLevel.Information, Message = "Device of {ReturnId} came back in another return: {SerialNumber} in {CameBackIn}")]
    private partial void LogDeviceGivenUp(string returnId, string serialNumber, string cameBackIn);

    [LoggerMessage(Level = LogLevel.Information, Message = "Item of {ReturnId} may go back to the customer, and the return goes on")]
    private partial void LogSentBackAccepted(string returnId);

    [LoggerMessage(Level = LogLevel.Information, Message = "Refund of {ReturnId} upheld: the customer keeps it")]
    private partial void LogUpheld(string returnId);

    [LoggerMessage(Level = LogLevel.Information, Message = "Refund of {ReturnId} recovered: {Amount} {Currency}")]
    private partial void LogRecovered(string returnId, decimal amount, string currency);
}
