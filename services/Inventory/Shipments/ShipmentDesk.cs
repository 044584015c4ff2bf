using EseErp.Contracts;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.Sales;
using EseErp.Contracts.UserSupport;
using EseErp.EventStore;
using EseErp.Inventory.Data;
using EseErp.Inventory.Locations;
using EseErp.Inventory.Receipts;
using EseErp.Inventory.Stock;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace EseErp.Inventory.Shipments;

/// <summary>
/// The one place where Inventory works on a shipment request and on the stock it needs, in both modes: consumers and
/// endpoints call it, within a transaction that they own, after <see cref="ShipmentRows.Load"/>.
/// </summary>
public sealed partial class ShipmentDesk(
    InventoryDb db, ShipmentRows rows, ArrivedDevices arrived, KnownLocations locations, Documents documents, EarlyFacts earlyFacts, Drivers drivers, Facts facts,
    IOptions<ShipmentOptions> options, TimeProvider clock, ILogger<ShipmentDesk> log)
{
    /// <summary>Expects the item and sets a replacement aside. A request that is known is left as it is.</summary>
    /// <exception cref="ConflictException">Another one is known under its id, or it is coordinated in another way.</exception>
    public async Task<ShipmentRequest> Open(OpenShipmentRequest asked, CoordinationMode coordination, CancellationToken cancellationToken)
    {
        if (await Find(asked.ReturnId, cancellationToken) is { } known)
        {
            ConflictException.ThrowIfOther(
                $"shipment request of {known.ReturnId}", ("coordination", known.Coordination, coordination), ("sku", known.Sku, asked.Sku),
                ("serialNumber", known.SerialNumber, SerialNumbers.AsKnown(known.SerialNumber, asked.SerialNumber)), ("resolution", known.Resolution, asked.Resolution),
                ("replacementTiming", known.ReplacementTiming, asked.ReplacementTiming), ("refundUnderReview", known.RefundUnderReview, asked.RefundUnderReview),
                ("location", known.NamedLocation ?? asked.Location, asked.Location));
            await drivers.ThrowIfAnothers(asked.ReturnId, cancellationToken);
            return known;
        }

        if (!ReturnIds.CanBeFiled(asked.ReturnId, clock.GetUtcNow())) throw ConflictException.NoReturn(asked.ReturnId);
        var request = new ShipmentRequest
        {
            ReturnId = asked.ReturnId,
            Sku = asked.Sku,
            SerialNumber = asked.SerialNumber,
            Resolution = asked.Resolution,
            ReplacementTiming = asked.ReplacementTiming,
            Coordination = coordination,
            RefundUnderReview = asked.RefundUnderReview,
            NamedLocation = asked.Location,
            Location = asked.Location is { } named && await locations.Contain(named, cancellationToken) ? named : options.Value.DefaultLocation,
            RequestedAt = clock.GetUtcNow(),
        };
        Record(request, request.Begin(await StockFor(request, cancellationToken), options.Value.ReturnPeriod));
        documents.Add(request.ReturnId, request);
        drivers.Open(request.ReturnId);
        // What calls the return off goes first: nothing leaves the warehouse against a cancellation that is known already.
        var early = await earlyFacts.Take(request.ReturnId, cancellationToken);
        if (early.Count > 0 && coordination == CoordinationMode.Traditional) throw ConflictException.CoordinatedByEvents(request.ReturnId);
        foreach (var fact in early.OrderBy(fact => fact is OrderRefundAuthorized))
            await Apply(request, fact, cancellationToken);
        return request;
    }

    /// <summary>A fact from another team that concerns a shipment. One that overtakes its request is remembered.</summary>
    /// <exception cref="ConflictException">It contradicts what was noted before, or the return is coordinated by calls.</exception>
    public async Task Note(string returnId, object fact, CancellationToken cancellationToken)
    {
        if (await Find(returnId, cancellationToken) is not { } request) earlyFacts.Remember(returnId, fact);
        else if (request.Coordination == CoordinationMode.Traditional) throw ConflictException.CoordinatedByCalls(returnId);
        else await Apply(request, fact, cancellationToken);
    }

    /// <summary>The request of a return, locked; null when Inventory has not been asked.</summary>
    public ValueTask<ShipmentRequest?> Find(string returnId, CancellationToken cancellationToken) =>
        documents.Find<ShipmentRequest>(returnId, cancellationToken);

    /// <summary>The request of a return that is driven by calls, locked; null when Inventory has not been asked.</summary>
    /// <exception cref="ConflictException">It is coordinated by events, or somebody else drives it.</exception>
    public async Task<ShipmentRequest?> FindDriven(string returnId, CancellationToken cancellationToken)
    {
        var request = await Find(returnId, cancellationToken);
        if (request?.Coordination == CoordinationMode.Event) throw ConflictException.CoordinatedByEvents(returnId);
        await drivers.Drive(returnId, cancellationToken);
        return request;
    }

    /// <summary>Applies a fact to a request.</summary>
    /// <exception cref="ConflictException">It contradicts what was noted before.</exception>
    public async Task Apply(ShipmentRequest request, object fact, CancellationToken cancellationToken)
    {
        ThrowIfContradicted(request, fact);
        var stock = await StockFor(request, cancellationToken);
        var shelf = fact switch
        {
            ItemDiagnosed { Disposition: Disposition.ReturnToStock } => await ShelfOf(request.ItemSku, cancellationToken),
            ItemMismatchAccepted accepted when request.IsToBeRestocked => await ShelfOf(accepted.Sku ?? request.Sku, cancellationToken),
            _ => null,
        };
        if (fact is OrderRefundAuthorized or SentBackAccepted) await LookForDevices([request], cancellationToken);
        Record(request, fact switch
        {
            OrderRefundAuthorized => request.RefundAuthorized(stock, clock.GetUtcNow()),
            OrderRefundRejected rejected => request.CallOff(rejected.Note ?? $"Sales rejects the refund: {string.Join(", ", rejected.Reasons)}.", stock),
            ReturnCancellationRequested asked => request.RequestCancellation(asked.Reason, stock),
            ReturnCancelled cancelled => request.CallOff(cancelled.Reason, stock),
            ItemMismatchAccepted accepted => request.AcceptMismatch(stock, clock.GetUtcNow(), accepted.Sku, shelf, accepted.SerialNumber),
            DeviceGivenUp => request.GiveUpDevice(),
            SentBackAccepted => request.AcceptSentBack(stock, clock.GetUtcNow()),
            ItemDiagnosed diagnosed => request.Diagnosed(diagnosed.Disposition, shelf),
            _ => throw new ArgumentOutOfRangeException(nameof(fact), fact.GetType(), "Inventory does not react to this fact."),
        });
        if (stock is not null) await ServeWaiting(stock, cancellationToken);
        if (shelf is not null && shelf != stock) await ServeWaiting(shelf, cancellationToken);
    }

    private static void ThrowIfContradicted(ShipmentRequest request, object fact)
    {
        var item = $"item of {request.ReturnId}";
        switch (fact)
        {
            case ItemDiagnosed told when request.IsRestocked || request.IsToBeRestocked:
                ConflictException.ThrowIfOther(item, ("disposition", Disposition.ReturnToStock, told.Disposition));
                break;
            case DeviceGivenUp given:
                ConflictException.ThrowIfOther(item, ("serialNumber", request.SerialNumber, SerialNumbers.AsKnown(request.SerialNumber, given.SerialNumber)));
                break;
            case ItemMismatchAccepted { SerialNumber: var came } accepted:
                var known = request.AcceptedSerialNumber ?? request.ReceivedSerialNumber ?? came;
                var sku = request.MismatchAccepted ? request.ItemSku : accepted.Sku;
                ConflictException.ThrowIfOther(item, ("serialNumber", known, SerialNumbers.AsKnown(known, came ?? known)), ("sku", sku, accepted.Sku ?? sku));
                break;
        }
    }

    // One that was not found may be just about to be kept in stock: whoever begins it has either seen this item, or is waited for.
    private async ValueTask<StockItem?> ShelfOf(string sku, CancellationToken cancellationToken)
    {
        if (!documents.Knows<StockItem>(sku)) await rows.HoldBackStock([sku], cancellationToken);
        return await documents.Find<StockItem>(sku, cancellationToken);
    }

    /// <summary>A model is kept in stock: what was to go to its shelf goes there, and then to those who wait. After <see cref="ShipmentRows.OpenStock"/>.</summary>
    public async Task BeginStock(StockItem stock, CancellationToken cancellationToken)
    {
        var returnIds = await db.ShipmentRequests.Where(request => request.IsToBeRestocked && (request.ReturnedSku ?? request.Sku) == stock.Sku)
            .OrderBy(request => request.ReturnId).Select(request => request.ReturnId).ToListAsync(cancellationToken);
        await documents.Load<ShipmentRequest>(returnIds, cancellationToken);
        foreach (var returnId in returnIds)
        {
            var request = (await Find(returnId, cancellationToken))!;
            Record(request, request.PutOnShelf(stock));
        }

        await ServeWaiting(stock, cancellationToken);
    }

    /// <summary>Why a device cannot be received under a request; null when it can.</summary>
    public async Task<string?> ReasonNotToReceive(ShipmentRequest request, string serialNumber, CancellationToken cancellationToken) =>
        request.ReasonNotToReceiveDevice(serialNumber, await CameInAs(serialNumber, cancellationToken));

    /// <summary>Why the device of a request cannot be done without; null when it can, or is already.</summary>
    public async Task<string?> ReasonNotToWaive(ShipmentRequest request, CancellationToken cancellationToken) =>
        request.ReasonNotToWaiveDevice(await CameInAs(request.SerialNumber, cancellationToken));

    private async Task<IEnumerable<ShipmentRequest>> CameInAs(string serialNumber, CancellationToken cancellationToken) =>
        (await arrived.Hold([serialNumber], cancellationToken))[SerialNumbers.Normal(serialNumber)];

    /// <summary>The item is at the dock. The caller has asked <see cref="ReasonNotToReceive"/>.</summary>
    public async Task Receive(ShipmentRequest request, string serialNumber, string condition, CancellationToken cancellationToken) =>
        Record(request, request.Receive(serialNumber, condition, await StockFor(request, cancellationToken), clock.GetUtcNow()));

    /// <summary>The item need not come back. The caller has asked <see cref="ReasonNotToWaive"/>.</summary>
    public async Task Waive(ShipmentRequest request, string reason, CancellationToken cancellationToken) =>
        Record(request, request.Waive(reason, await StockFor(request, cancellationToken), clock.GetUtcNow()));

    /// <summary>The item did not come back in time. The caller has asked <see cref="ShipmentRequest.ReasonNotToExpire"/>.</summary>
    public async Task Expire(ShipmentRequest request, CancellationToken cancellationToken)
    {
        var stock = await StockFor(request, cancellationToken);
        Record(request, request.Expire(stock, clock.GetUtcNow()));
        if (stock is not null) await ServeWaiting(stock, cancellationToken);
    }

    /// <summary>The carrier has delivered the replacement. The caller has asked <see cref="ShipmentRequest.ReasonNotToDeliver"/>.</summary>
    public void Deliver(ShipmentRequest request) => Record(request, request.Deliver());

    /// <summary>A recalled replacement is back. The caller has asked <see cref="ShipmentRequest.ReasonNotToTakeBack"/>.</summary>
    public async Task TakeBackReplacement(ShipmentRequest request, CancellationToken cancellationToken)
    {
        var stock = await StockFor(request, cancellationToken);
        Record(request, request.TakeBackReplacement(stock));
        if (stock is not null) await ServeWaiting(stock, cancellationToken);
    }

    /// <summary>New units are in; they go to those who wait, first in, first out.</summary>
    public async Task Replenish(StockItem stock, int quantity, CancellationToken cancellationToken)
    {
        stock.Replenish(quantity);
        LogReplenished(stock.Sku, quantity);
        await ServeWaiting(stock, cancellationToken);
    }

    private async ValueTask<StockItem?> StockFor(ShipmentRequest request, CancellationToken cancellationToken) =>
        request.WantsReplacement ? await documents.Find<StockItem>(request.Sku, cancellationToken) : null;

    private async Task ServeWaiting(StockItem stock, CancellationToken cancellationToken)
    {
        while (stock.Servable is var servable and > 0)
        {
            // The line is in the database: what this transaction has changed in it must be there first.
            await db.SaveChangesAsync(cancellationToken);
            var waiting = await db.ShipmentRequests
                .Where(request => request.Sku == stock.Sku && request.State == ShipmentState.Backordered)
                .OrderBy(request => request.RequestedAt).ThenBy(request => request.ReturnId)
                .Select(request => request.ReturnId)
                .Take(Math.Min(servable, 1000))
                .ToListAsync(cancellationToken);
            if (waiting.Count == 0) throw new InvalidOperationException($"{stock.Backordered} requests should wait for {stock.Sku}, but none does.");
            await documents.Load<ShipmentRequest>(waiting, cancellationToken);
            var served = new List<ShipmentRequest>();
            foreach (var returnId in waiting) served.Add((await Find(returnId, cancellationToken))!);
            await LookForDevices(served, cancellationToken);
            foreach (var next in served) Record(next, next.Serve(stock, clock.GetUtcNow()));
        }
    }

    // When calls drive a return nobody tells that its device came back in another one, so it is looked up before a unit may leave in advance.
    private async Task LookForDevices(IEnumerable<ShipmentRequest> requests, CancellationToken cancellationToken)
    {
        var untold = requests.Where(request => request.HasToLookForDevice).ToList();
        if (untold.Count == 0) return;
        var came = await arrived.Hold(untold.Select(request => request.SerialNumber), cancellationToken);
        foreach (var request in untold) request.LookForDevice(came[SerialNumbers.Normal(request.SerialNumber)]);
    }

    private void Record(ShipmentRequest request, IEnumerable<object> happened)
    {
        foreach (var fact in happened)
        {
            facts.Record(request.ReturnId, fact, request.Coordination.Wire());
            switch (fact)
            {
                case ReturnExpected expected: LogExpected(request.ReturnId, expected.DueAt); break;
                case ReplacementReserved reserved: LogReserved(request.ReturnId, reserved.Sku); break;
                case ReplacementBackordered backordered: LogBackordered(request.ReturnId, backordered.Sku); break;
                case ReplacementShipped shipped: LogShipped(request.ReturnId, shipped.Sku, shipped.SerialNumber); break;
                case ReplacementCancelled cancelled: LogCancelled(request.ReturnId, cancelled.Reason); break;
                case ItemReceived received: LogReceived(request.ReturnId, received.SerialNumber, received.Condition); break;
                case ItemWaived waived: LogWaived(request.ReturnId, waived.Reason); break;
                case ReturnExpired: LogExpired(request.ReturnId, request.DueAt); break;
                case CancellationAccepted accepted: LogCancellationAccepted(request.ReturnId, accepted.Reason); break;
                case CancellationRefused refused: LogCancellationRefused(request.ReturnId, refused.Reason); break;
                case ItemRestocked restocked: LogRestocked(request.ReturnId, restocked.Sku); break;
                case ReplacementDelivered: LogDelivered(request.ReturnId); break;
                case ReplacementRecalled recalled: LogRecalled(request.ReturnId, recalled.Reason); break;
                case RecalledUnitReturned returned: LogReturned(request.ReturnId, returned.Sku); break;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Item of {ReturnId} expected until {DueAt}")]
    private partial void LogExpected(string returnId, DateTimeOffset dueAt);

    [LoggerMessage(Level = LogLevel.Information, Message = "Replacement of {ReturnId} set aside: one {Sku}")]
    private partial void LogReserved(string returnId, string sku);

    [LoggerMessage(Level = LogLevel.Information, Message = "Replacement of {ReturnId} backordered: no {Sku} available")]
    private partial void LogBackordered(string returnId, string sku);

    [LoggerMessage(Level = LogLevel.Information, Message = "Replacement of {ReturnId} shipped: one {Sku}, {SerialNumber}")]
    private partial void LogShipped(string returnId, string sku, string? serialNumber);

    [LoggerMessage(Level = LogLevel.Information, Message = "Replacement of {ReturnId} cancelled: {Reason}")]
    private partial void LogCancelled(string returnId, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Item of {ReturnId} received: {SerialNumber}, {Condition}")]
    private partial void LogReceived(string returnId, string serialNumber, string condition);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stock of {Sku} replenished by {Quantity}")]
    private partial void LogReplenished(string sku, int quantity);

    [LoggerMessage(Level = LogLevel.Information, Message = "Item of {ReturnId} need not come back: {Reason}")]
    private partial void LogWaived(string returnId, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Return {ReturnId} expired: its item was due {DueAt}")]
    private partial void LogExpired(string returnId, DateTimeOffset dueAt);

    [LoggerMessage(Level = LogLevel.Information, Message = "Return {ReturnId} may be called off: {Reason}")]
    private partial void LogCancellationAccepted(string returnId, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Return {ReturnId} cannot be called off any more: {Reason}")]
    private partial void LogCancellationRefused(string returnId, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Item of {ReturnId} is back on the shelf: one {Sku}")]
    private partial void LogRestocked(string returnId, string sku);

    [LoggerMessage(Level = LogLevel.Information, Message = "Replacement of {ReturnId} delivered")]
    private partial void LogDelivered(string returnId);

    [LoggerMessage(Level = LogLevel.Information, Message = "Replacement of {ReturnId} recalled: {Reason}")]
    private partial void LogRecalled(string returnId, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Replacement of {ReturnId} is back: one {Sku}")]
    private partial void LogReturned(string returnId, string sku);
}
