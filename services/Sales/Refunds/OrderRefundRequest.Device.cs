using EseErp.Contracts;
using EseErp.Contracts.Sales;
using EseErp.Sales.Orders;

namespace EseErp.Sales.Refunds;

/// <summary>Which device a return takes back and whose money it gives back, and what speaks against it.</summary>
public sealed partial class OrderRefundRequest
{
    /// <summary>Why the device that came cannot be the returned one; null when it can.</summary>
    /// <param name="came">Where it was sold; null when Sales has never sold it.</param>
    /// <param name="alreadyReturned">Another return has it.</param>
    public RejectionReason? ReasonNotToTakeInstead(SoldDevice? came, bool alreadyReturned, RefundTerms terms)
    {
        if (alreadyReturned) return RejectionReason.AlreadyReturned;
        // Who brings a device that nobody bought is paid what was announced, or nothing.
        if (!PaysAnew(came)) return WantsMoney && IssuedAt is null && MoneyOrder.Length == 0 ? RejectionReason.NothingPaid : null;
        return Value(came!, terms) is [.., { Result: <= 0 }] ? RejectionReason.NothingPaid : null;
    }

    /// <summary>
    /// The announced device came back in another return, so this one has no claim to it any more, nor to what was paid for it.
    /// What comes instead needs a person's decision.
    /// </summary>
    /// <param name="cameBackIn">Id of that other return.</param>
    /// <param name="order">The order, whose money is free again.</param>
    public DeviceGivenUp GiveUpDevice(string cameBackIn, Order? order)
    {
        DeviceKey = "";
        if (IssuedAt is null)
        {
            Free(order);
            (MoneyOrderId, MoneyLineId, Amount, Valuation) = ("", "", 0, []);
            if (Review == RefundReview.Amount) ReviewNote = $"The device came back in {cameBackIn}: nothing is owed until another one comes.";
        }

        return new DeviceGivenUp(ReturnId, SerialNumber, cameBackIn);
    }

    // From now on the other device is the returned one, and what was paid for it is what is given back: the announced one is free to
    // come back. Money that was paid before stays what it was.
    private void TakeInstead(SoldDevice? came, Order? order, RefundTerms terms)
    {
        MismatchAccepted = true;
        DeviceKey = SerialNumbers.Normal(ReceivedSerialNumber ?? SerialNumber);
        if (came is null) return;
        (DeviceSku, DeviceOrderId, DeviceLineId) = (came.Sku, came.Order.OrderId, came.Line.LineId);
        if (!PaysAnew(came)) return;
        var valuation = Value(came, terms);
        Free(order);
        (MoneyOrderId, MoneyLineId, Valuation, Amount, Currency) = (came.Order.OrderId, came.Line.LineId, valuation, valuation[^1].Result, came.Order.Currency);
        came.Order.Refunded += Amount;
    }

    private bool PaysAnew(SoldDevice? came) => came is not null && WantsMoney && IssuedAt is null;

    // Its own money does not stand in its way, where both devices were sold on one order.
    private List<RefundStep> Value(SoldDevice came, RefundTerms terms) =>
        Value(came.Order, came.Line, came.History, terms, came.Freed + (MoneyOrder == came.Order.OrderId ? Amount : 0));

    // Never more than was paid for the line, once, nor than is left of the order.
    private List<RefundStep> Value(Order order, OrderLine line, LineHistory history, RefundTerms terms, decimal own = 0) =>
        [.. terms.Value(line.NetPrice, history.IsRefunded ? 0 : order.Paid - order.Refunded + own, Reason, order.Currency)];

    private IEnumerable<RejectionReason> ReasonsToReject(
        Order? order, OrderLine? line, string sku, bool alreadyReturned, RefundTerms terms, LineHistory history)
    {
        if (order is null) yield return RejectionReason.OrderUnknown;
        else if (line is null) yield return RejectionReason.LineUnknown;
        // A serial number is unique within its model: both together name the device.
        else if (!history.IsReplacement && (!SerialNumbers.Same(line.SerialNumber, SerialNumber) || line.Sku != sku)) yield return RejectionReason.SerialNotOnLine;

        if (order is not null)
        {
            if (order.DeliveredAt is not { } deliveredAt || deliveredAt > RequestedAt) yield return RejectionReason.NotDelivered;
            else if (terms.DayOf(RequestedAt) > LastDay(terms.DayOf(deliveredAt), history.IsReplacement)) yield return RejectionReason.OutsideReturnWindow;
        }

        if (order is not null && ShipmentId is not null && ShipmentId != order.ShipmentId) yield return RejectionReason.ShipmentNotOfOrder;
        if (alreadyReturned) yield return RejectionReason.AlreadyReturned;
        // That a device was returned before says already that its money was given back.
        if (line is not null && WantsMoney && (line.NetPrice <= 0 || (history.IsRefunded && !alreadyReturned))) yield return RejectionReason.NothingPaid;
    }

    /// <summary>
    /// Whether an earlier return of the same device, live or completed, speaks against one under this order. It does not when the
    /// order is younger: then the device was taken back and sold again.
    /// </summary>
    public static bool SpeaksAgainst(string earlierOrderId, DateTimeOffset earlierFiledAt, Order? order) =>
        order is null || earlierOrderId == order.OrderId || order.OrderedAt <= earlierFiledAt;

    // A replacement comes back within the warranty of the original, whatever is wrong with it; a change of mind has its own time.
    private DateOnly LastDay(DateOnly delivered, bool isReplacement) =>
        Reason is ReturnReason.WarrantyClaim or ReturnReason.Defective || (isReplacement && Reason != ReturnReason.NoLongerWanted)
        ? delivered.AddMonths(WarrantyMonths)
        : delivered.AddDays(ReturnWindowDays);
}
