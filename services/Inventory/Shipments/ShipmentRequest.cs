using System.Globalization;
using EseErp.Contracts;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.UserSupport;
using EseErp.Inventory.Stock;

namespace EseErp.Inventory.Shipments;

/// <summary>
/// Inventory's side of one return: the replacement that goes out and the item that is to come in. Every method answers with
/// the facts that follow, none if nothing does; it knows neither clock nor database.
/// </summary>
/// <remarks>
/// Setting a unit aside can be taken back, shipping it cannot. So a replacement is shipped only when Sales has agreed to the
/// refund, whichever fact comes first: never against an order that Sales then rejects.
/// </remarks>
public sealed partial class ShipmentRequest
{
    public required string ReturnId { get; init; }

    public required string Sku { get; init; }

    /// <summary>Of the unit that is to come back.</summary>
    public required string SerialNumber { get; init; }

    public required Resolution Resolution { get; init; }

    public required ReplacementTiming ReplacementTiming { get; init; }

    public required CoordinationMode Coordination { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>Traditional mode: Sales had not agreed to the refund yet when Inventory was asked.</summary>
    public bool RefundUnderReview { get; init; }

    /// <summary>Of the replacement.</summary>
    public ShipmentState State { get; private set; }

    /// <summary>When Inventory heard that Sales agrees to the refund.</summary>
    public DateTimeOffset? RefundAuthorizedAt { get; private set; }

    public DateTimeOffset? ShippedAt { get; private set; }

    /// <summary>Of the replacement, once it is shipped. It is given here, as stock is counted by model.</summary>
    public string? ReplacementSerialNumber { get; private set; }

    /// <summary>Of the item that is to come back.</summary>
    public ReceiptState ReceiptState { get; private set; }

    public DateTimeOffset DueAt { get; private set; }

    /// <summary>Code of the warehouse that was named, which need not be one; null when none was.</summary>
    public string? NamedLocation { get; init; }

    /// <summary>Code of the warehouse that expects the item: the named one if there is one, else the default. Null for a request from before they were told apart.</summary>
    public string? Location { get; init; }

    public string? ReceivedSerialNumber { get; private set; }

    public string? Condition { get; private set; }

    public DateTimeOffset? ReceivedAt { get; private set; }

    /// <summary>A person at Sales has accepted that another device came than was announced.</summary>
    public bool MismatchAccepted { get; private set; }

    /// <summary>The device that was accepted; null if none was, or it was not told which.</summary>
    public string? AcceptedSerialNumber { get; private set; }

    /// <summary>The item was inspected, and goes back to the customer.</summary>
    public bool IsSentBack { get; private set; }

    /// <summary>A person at Sales has accepted that the customer gets the item back and a replacement as well.</summary>
    public bool SentBackAccepted { get; private set; }

    /// <summary>Model of the other device that came and was accepted; null otherwise.</summary>
    public string? ReturnedSku { get; private set; }

    /// <summary>The model that comes back.</summary>
    public string ItemSku => ReturnedSku ?? Sku;

    /// <summary>The item was as good as new and waits to be put on the shelf: until Sales has accepted it, or its model is kept in stock.</summary>
    public bool IsToBeRestocked { get; private set; }

    /// <summary>The item was as good as new and is on the shelf again.</summary>
    public bool IsRestocked { get; private set; }

    /// <summary>Whether a replacement was asked for.</summary>
    public bool WantsReplacement => WantsReplacementFor(Resolution);

    public static bool WantsReplacementFor(Resolution resolution) => resolution is not Resolution.Refund;

    /// <summary>Why an item cannot be received now; null when it can.</summary>
    public string? ReasonNotToReceive => ReceiptState switch
    {
        ReceiptState.Expected => null,
        ReceiptState.Received => "The item of this return is in already.",
        ReceiptState.Waived => "The item of this return need not come back.",
        ReceiptState.Expired => "The item of this return was due earlier; the return has expired.",
        _ => "This return was refused or called off; its item is not expected any more.",
    };

    /// <summary>Why the return cannot be called off any more; null when it can.</summary>
    public string? ReasonNotToCancel => ReceiptState switch
    {
        ReceiptState.Expected => null,
        ReceiptState.Received => "The item of this return is in already.",
        ReceiptState.Waived => "The item of this return need not come back; the return goes on as if it had.",
        ReceiptState.Expired => "This return has expired.",
        _ => "This return was refused or called off before.",
    };

    /// <summary>Why the item cannot be done without; null when it can, or is already.</summary>
    public string? ReasonNotToWaive => ReceiptState is ReceiptState.Expected or ReceiptState.Waived ? null : ReasonNotToReceive;

    /// <summary>Why the return does not expire now; null when it does, or has.</summary>
    public string? ReasonNotToExpire(DateTimeOffset now) => ReceiptState switch
    {
        ReceiptState.Expected => now < DueAt ? string.Create(CultureInfo.InvariantCulture, $"The item of this return is expected until {DueAt:u}.") : null,
        ReceiptState.Expired => null,
        _ => ReasonNotToReceive,
    };

    /// <summary>Why the replacement is not delivered now; null when it is, or was.</summary>
    public string? ReasonNotToDeliver => State is ShipmentState.Shipped or ShipmentState.Delivered ? null : $"The replacement is not on its way to the customer: it is {State}.";

    /// <summary>Why the replacement does not come back now; null when it does, or has.</summary>
    public string? ReasonNotToTakeBack => State is ShipmentState.Recalled or ShipmentState.Returned ? null : $"The replacement was not recalled: it is {State}.";

    // What Sales has to agree to first. In traditional mode User Support asks Inventory only after Sales has answered, and says
    // so once more before a unit may leave in advance, and when the answer was that a person has to decide.
    private bool MayShip => !IsAnotherDevice && (!IsSentBack || SentBackAccepted) && (ReceiptState is ReceiptState.Received or ReceiptState.Waived
        ? RefundAuthorizedAt is not null || (Coordination == CoordinationMode.Traditional && !RefundUnderReview)
        : ReplacementTiming == ReplacementTiming.Advance && RefundAuthorizedAt is not null);

    /// <summary>Begins: the item is expected, and a replacement set aside or put in line.</summary>
    /// <param name="stock">Of the model; null when no replacement is asked for, or the model is not kept in stock.</param>
    /// <param name="returnPeriod">How long the item is expected.</param>
    public IEnumerable<object> Begin(StockItem? stock, TimeSpan returnPeriod)
    {
        (ReceiptState, DueAt) = (ReceiptState.Expected, RequestedAt + returnPeriod);
        yield return new ReturnExpected(ReturnId, DueAt);
        if (!WantsReplacement) yield break;
        if (stock?.TryReserve() == true)
        {
            State = ShipmentState.Reserved;
            yield return new ReplacementReserved(ReturnId, Sku);
        }
        else
        {
            stock?.JoinLine();
            State = ShipmentState.Backordered;
            yield return new ReplacementBackordered(ReturnId, Sku);
        }
    }

    /// <summary>Sales agrees to the refund.</summary>
    public IEnumerable<object> RefundAuthorized(StockItem? stock, DateTimeOffset now)
    {
        RefundAuthorizedAt ??= now;
        return ShipIfAllowed(stock, now);
    }

    /// <summary>The item is in the warehouse. Nothing happens when it cannot be received.</summary>
    /// <param name="serialNumber">Read off the device.</param>
    public IEnumerable<object> Receive(string serialNumber, string condition, StockItem? stock, DateTimeOffset now)
    {
        if (ReasonNotToReceive is not null) yield break;
        (ReceiptState, ReceivedSerialNumber, Condition, ReceivedAt) = (ReceiptState.Received, serialNumber, condition, now);
        ArrivedKey = SerialNumbers.Normal(serialNumber);
        ForgetWhereDeviceWas();
        yield return new ItemReceived(ReturnId, serialNumber, condition);
        foreach (var fact in ShipIfAllowed(stock, now)) yield return fact;
    }

    /// <summary>It is this request's turn: a unit is available and nobody has waited longer.</summary>
    public IEnumerable<object> Serve(StockItem stock, DateTimeOffset now)
    {
        if (State != ShipmentState.Backordered) yield break;
        stock.ReserveForFirstInLine();
        State = ShipmentState.Reserved;
        yield return new ReplacementReserved(ReturnId, Sku);
        foreach (var fact in ShipIfAllowed(stock, now)) yield return fact;
    }

    /// <summary>Someone wants to call the return off. Whether that is possible is decided here, once, and answered.</summary>
    public IEnumerable<object> RequestCancellation(string reason, StockItem? stock)
    {
        if (ReasonNotToCancel is { } refusal)
        {
            yield return new CancellationRefused(ReturnId, refusal);
            yield break;
        }

        yield return new CancellationAccepted(ReturnId, reason);
        foreach (var fact in CallOff(reason, stock)) yield return fact;
    }

    /// <summary>
    /// The return is refused or called off: an item that is under way is no longer expected, one that is in goes back to the customer, what is
    /// not shipped will not be, and what is shipped is asked back.
    /// </summary>
    public IEnumerable<object> CallOff(string reason, StockItem? stock)
    {
        if (ReceiptState == ReceiptState.Expected) ReceiptState = ReceiptState.Closed;
        ArrivedKey = null;
        return GiveUpReplacement(reason, stock);
    }

    /// <summary>The item did not come back in time. Nothing happens before that, or when it is in.</summary>
    public IEnumerable<object> Expire(StockItem? stock, DateTimeOffset now)
    {
        if (ReceiptState != ReceiptState.Expected || now < DueAt) yield break;
        ReceiptState = ReceiptState.Expired;
        yield return new ReturnExpired(ReturnId);
        foreach (var fact in GiveUpReplacement("The item did not come back in time.", stock)) yield return fact;
    }

    /// <summary>The item need not come back: as good as received. Nothing happens unless it is expected.</summary>
    public IEnumerable<object> Waive(string reason, StockItem? stock, DateTimeOffset now)
    {
        if (ReceiptState != ReceiptState.Expected) yield break;
        ReceiptState = ReceiptState.Waived;
        ForgetWhereDeviceWas();
        yield return new ItemWaived(ReturnId, reason);
        foreach (var fact in ShipIfAllowed(stock, now)) yield return fact;
    }

    /// <summary>A person at Sales accepts the other device that came: from now on it is the one that is returned.</summary>
    /// <param name="stock">Of the model of the replacement.</param>
    /// <param name="sku">Model of the device that came; null: as announced.</param>
    /// <param name="shelf">Stock of that model; only looked at when the device goes there.</param>
    /// <param name="serialNumber">Of the device that came; null: not told.</param>
    public IEnumerable<object> AcceptMismatch(StockItem? stock, DateTimeOffset now, string? sku = null, StockItem? shelf = null, string? serialNumber = null)
    {
        MismatchAccepted = true;
        AcceptedSerialNumber ??= serialNumber;
        if (sku is not null && sku != Sku) ReturnedSku = sku;
        foreach (var fact in PutOnShelf(shelf)) yield return fact;
        foreach (var fact in ShipIfAllowed(stock, now)) yield return fact;
    }

    /// <summary>A person at Sales accepts that the item goes back to the customer.</summary>
    public IEnumerable<object> AcceptSentBack(StockItem? stock, DateTimeOffset now)
    {
        SentBackAccepted = true;
        return ShipIfAllowed(stock, now);
    }

    /// <summary>
    /// The item was inspected. One that is as good as new goes back to the shelf, once; for one that goes back to the customer a
    /// replacement that is still here stays until Sales agrees.
    /// </summary>
    /// <param name="shelf">Stock of the item's model; only looked at when it goes there.</param>
    public IEnumerable<object> Diagnosed(Disposition disposition, StockItem? shelf)
    {
        IsSentBack |= disposition == Disposition.ReturnToCustomer;
        if (disposition != Disposition.ReturnToStock || IsRestocked) return [];
        IsToBeRestocked = true;
        return PutOnShelf(shelf);
    }

    /// <summary>Puts an item on the shelf that is to go there, once its model is known and kept in stock.</summary>
    public IEnumerable<object> PutOnShelf(StockItem? shelf)
    {
        if (!IsToBeRestocked || IsAnotherDevice || shelf is null) yield break;
        shelf.TakeBack();
        (IsToBeRestocked, IsRestocked) = (false, true);
        yield return new ItemRestocked(ReturnId, ItemSku);
    }

    /// <summary>The replacement is with the customer.</summary>
    public IEnumerable<object> Deliver()
    {
        if (State != ShipmentState.Shipped) yield break;
        State = ShipmentState.Delivered;
        yield return new ReplacementDelivered(ReturnId);
    }

    /// <summary>A recalled replacement is in the warehouse again.</summary>
    public IEnumerable<object> TakeBackReplacement(StockItem? stock)
    {
        if (State != ShipmentState.Recalled) yield break;
        stock!.TakeBack();
        State = ShipmentState.Returned;
        yield return new RecalledUnitReturned(ReturnId, Sku);
    }

    private IEnumerable<object> GiveUpReplacement(string reason, StockItem? stock)
    {
        switch (State)
        {
            case ShipmentState.Reserved or ShipmentState.Backordered:
                if (State == ShipmentState.Reserved) stock!.Release();
                else stock?.LeaveLine();
                State = ShipmentState.Cancelled;
                yield return new ReplacementCancelled(ReturnId, reason);
                break;
            case ShipmentState.Shipped or ShipmentState.Delivered:
                State = ShipmentState.Recalled;
                yield return new ReplacementRecalled(ReturnId, Sku, reason);
                break;
        }
    }

    // Only a unit that is set aside is shipped, and shipping it ends that state: no fact can ship it twice.
    private IEnumerable<object> ShipIfAllowed(StockItem? stock, DateTimeOffset now)
    {
        if (State != ShipmentState.Reserved || !MayShip) yield break;
        stock!.Ship();
        (State, ShippedAt, ReplacementSerialNumber) = (ShipmentState.Shipped, now, SerialNumberOfReplacement);
        yield return new ReplacementShipped(ReturnId, Sku, ReplacementSerialNumber);
    }

    // A return has one replacement, so its number is that of no other device.
    private string SerialNumberOfReplacement => SerialNumbers.Normal($"{Sku}-R{ReturnId[(ReturnId.IndexOf('-', StringComparison.Ordinal) + 1)..]}");

    public ShipmentRequestView View() => new(
        ReturnId, Sku, SerialNumber, State, ReplacementTiming,
        new ReturnReceiptView(ReceiptState, DueAt, ReceivedSerialNumber, Condition, ReceivedAt, Location, NamedLocation, ItemSku),
        RequestedAt, ShippedAt, Coordination, ReplacementSerialNumber);
}
