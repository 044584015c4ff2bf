using EseErp.Contracts;
using EseErp.Contracts.Sales;
using EseErp.Sales.Orders;

namespace EseErp.Sales.Refunds;

/// <summary>
/// Sales' side of one return: its state and its rules. Every method answers with the facts that follow, none if nothing
/// does; it knows neither clock nor database.
/// </summary>
public sealed class OrderRefundRequest
{
    /// <summary>A change of mind is accepted this long after delivery.</summary>
    public const int ReturnWindowDays = 30;

    /// <summary>A defect or a warranty claim is accepted this long after delivery.</summary>
    public const int WarrantyMonths = 24;

    public required string ReturnId { get; init; }

    public required string OrderId { get; init; }

    public required string LineId { get; init; }

    public required string SerialNumber { get; init; }

    public required ReturnReason Reason { get; init; }

    public required Resolution Resolution { get; init; }

    public required CoordinationMode Coordination { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    public OrderRefundState State { get; private set; }

    public string? CustomerId { get; private set; }

    public decimal Amount { get; private set; }

    public string? Currency { get; private set; }

    /// <summary>How the amount came about; empty where no money is owed.</summary>
    public List<RefundStep> Valuation { get; private set; } = [];

    public List<RejectionReason> Reasons { get; private set; } = [];

    public DateTimeOffset? IssuedAt { get; private set; }

    /// <summary>Whether the customer wants money back.</summary>
    public bool WantsMoney => Resolution is not Resolution.Replace;

    /// <summary>Decides a new request: authorized, or rejected with all reasons that apply.</summary>
    /// <param name="order">The order it names; null when there is none.</param>
    /// <param name="alreadyReturned">A live or completed return of the same device exists.</param>
    /// <param name="terms">How the amount follows from what was paid; null: as by default.</param>
    public IEnumerable<object> Decide(Order? order, bool alreadyReturned, RefundPolicy policy, DateTimeOffset now, RefundTerms? terms = null)
    {
        if (State != OrderRefundState.Pending) yield break;
        var line = order?.Lines.SingleOrDefault(candidate => candidate.LineId == LineId);
        Reasons = ReasonsToReject(order, line, alreadyReturned, now).ToList();
        if (Reasons.Count > 0)
        {
            State = OrderRefundState.Rejected;
            yield return new OrderRefundRejected(ReturnId, Reasons);
            yield break;
        }

        (State, CustomerId, Currency) = (OrderRefundState.Authorized, order!.CustomerId, order.Currency);
        if (WantsMoney) Valuation = [.. (terms ?? new RefundTerms()).Value(line!.NetPrice, order.Paid - order.Refunded, Reason, Currency)];
        Amount = Valuation.LastOrDefault()?.Result ?? 0;
        order.Refunded += Amount;
        yield return new OrderRefundAuthorized(ReturnId, CustomerId, Amount, Currency);
        if (policy == RefundPolicy.OnAuthorized)
            foreach (var fact in Issue(now)) yield return fact;
    }

    /// <summary>The item is in the warehouse.</summary>
    public IEnumerable<object> ItemReceived(RefundPolicy policy, DateTimeOffset now) =>
        policy == RefundPolicy.OnReceived ? Issue(now) : [];

    /// <summary>The item was inspected.</summary>
    public IEnumerable<object> ItemDiagnosed(RefundPolicy policy, DateTimeOffset now) =>
        policy == RefundPolicy.OnDiagnosed ? Issue(now) : [];

    /// <summary>The return is called off; what is not paid yet will not be.</summary>
    /// <param name="order">The order, whose money is free again.</param>
    public IEnumerable<object> Void(string reason, Order? order)
    {
        if (State is not (OrderRefundState.Pending or OrderRefundState.Authorized or OrderRefundState.ManualReview)) yield break;
        State = OrderRefundState.Voided;
        if (order is not null) order.Refunded -= Amount;
        yield return new RefundVoided(ReturnId, reason);
    }

    // Only an authorized refund is paid, and paying it ends that state: no fact can pay it twice.
    private IEnumerable<object> Issue(DateTimeOffset now)
    {
        if (State != OrderRefundState.Authorized || !WantsMoney) yield break;
        (State, IssuedAt) = (OrderRefundState.Issued, now);
        yield return new RefundIssued(ReturnId, Amount, Currency!);
    }

    private IEnumerable<RejectionReason> ReasonsToReject(Order? order, OrderLine? line, bool alreadyReturned, DateTimeOffset now)
    {
        if (order is null) yield return RejectionReason.OrderUnknown;
        else if (line is null) yield return RejectionReason.LineUnknown;
        else if (line.SerialNumber != SerialNumber) yield return RejectionReason.SerialNotOnLine;

        if (order is not null)
        {
            if (order.DeliveredAt is not { } deliveredAt || deliveredAt > now) yield return RejectionReason.NotDelivered;
            else if (now > EndOfWindow(deliveredAt)) yield return RejectionReason.OutsideReturnWindow;
        }

        if (alreadyReturned) yield return RejectionReason.AlreadyReturned;
        if (line is not null && WantsMoney && line.NetPrice <= 0) yield return RejectionReason.NothingPaid;
    }

    private DateTimeOffset EndOfWindow(DateTimeOffset deliveredAt) => Reason is ReturnReason.WarrantyClaim or ReturnReason.Defective
        ? deliveredAt.AddMonths(WarrantyMonths)
        : deliveredAt.AddDays(ReturnWindowDays);

    public OrderRefundRequestView View() => new(
        ReturnId, OrderId, LineId, SerialNumber, CustomerId, State, Amount, Currency, Reasons, RequestedAt, IssuedAt, Coordination,
        Valuation.Select(step => new RefundStepView(step.Operation, step.Value, step.Reason, step.Result)).ToList());
}
