using EseErp.Contracts;
using EseErp.Contracts.Inventory;
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
public sealed class ShipmentRequest
{
    /// <summary>The item is expected this long after the request.</summary>
    public const int DaysToReturn = 14;

    public required string ReturnId { get; init; }

    public required string Sku { get; init; }

    /// <summary>Of the unit that is to come back.</summary>
    public required string SerialNumber { get; init; }

    public required Resolution Resolution { get; init; }

    public required ReplacementTiming ReplacementTiming { get; init; }

    public required CoordinationMode Coordination { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>Of the replacement.</summary>
    public ShipmentState State { get; private set; }

    /// <summary>When Inventory heard that Sales agrees to the refund.</summary>
    public DateTimeOffset? RefundAuthorizedAt { get; private set; }

    public DateTimeOffset? ShippedAt { get; private set; }

    /// <summary>Of the item that is to come back.</summary>
    public ReceiptState ReceiptState { get; private set; }

    public DateTimeOffset DueAt { get; private set; }

    public string? ReceivedSerialNumber { get; private set; }

    public string? Condition { get; private set; }

    public DateTimeOffset? ReceivedAt { get; private set; }

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

    // What Sales has to agree to first. In traditional mode User Support asks Inventory only after Sales has agreed, and says
    // so once more before a unit may leave in advance.
    private bool MayShip => ReceiptState == ReceiptState.Received
        ? RefundAuthorizedAt is not null || Coordination == CoordinationMode.Traditional
        : ReplacementTiming == ReplacementTiming.Advance && RefundAuthorizedAt is not null;

    /// <summary>Begins: the item is expected, and a replacement set aside or put in line.</summary>
    /// <param name="stock">Of the model, also one never heard of; null when no replacement is asked for.</param>
    public IEnumerable<object> Begin(StockItem? stock)
    {
        (ReceiptState, DueAt) = (ReceiptState.Expected, RequestedAt.AddDays(DaysToReturn));
        yield return new ReturnExpected(ReturnId, DueAt);
        if (!WantsReplacement) yield break;
        if (stock!.TryReserve())
        {
            State = ShipmentState.Reserved;
            yield return new ReplacementReserved(ReturnId, Sku);
        }
        else
        {
            stock.JoinLine();
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

    /// <summary>
    /// The return is refused or called off. What is not shipped will not be; an item that is under way is no longer expected,
    /// unless its replacement has left already.
    /// </summary>
    public IEnumerable<object> CallOff(string reason, StockItem? stock)
    {
        if (State == ShipmentState.Shipped) yield break;
        if (ReceiptState == ReceiptState.Expected) ReceiptState = ReceiptState.Closed;
        if (State is not (ShipmentState.Reserved or ShipmentState.Backordered)) yield break;
        if (State == ShipmentState.Reserved) stock!.Release();
        else stock!.LeaveLine();
        State = ShipmentState.Cancelled;
        yield return new ReplacementCancelled(ReturnId, reason);
    }

    // Only a unit that is set aside is shipped, and shipping it ends that state: no fact can ship it twice.
    private IEnumerable<object> ShipIfAllowed(StockItem? stock, DateTimeOffset now)
    {
        if (State != ShipmentState.Reserved || !MayShip) yield break;
        stock!.Ship();
        (State, ShippedAt) = (ShipmentState.Shipped, now);
        yield return new ReplacementShipped(ReturnId, Sku);
    }

    public ShipmentRequestView View() => new(
        ReturnId, Sku, SerialNumber, State, ReplacementTiming,
        new ReturnReceiptView(ReceiptState, DueAt, ReceivedSerialNumber, Condition, ReceivedAt),
        RequestedAt, ShippedAt, Coordination);
}
