using System.Globalization;
using EseErp.Contracts;
using EseErp.Contracts.Sales;
using EseErp.Sales.Orders;

namespace EseErp.Sales.Refunds;

/// <summary>
/// Sales' side of one return: its state and its rules. Every method answers with the facts that follow, none if nothing
/// does; it knows neither clock nor database.
/// </summary>
public sealed partial class OrderRefundRequest
{
    /// <summary>A change of mind is accepted until the end of this day after the day of delivery.</summary>
    public const int ReturnWindowDays = 30;

    /// <summary>A defect or a warranty claim is accepted until the end of this day of the calendar.</summary>
    public const int WarrantyMonths = 24;

    public required string ReturnId { get; init; }

    public required string OrderId { get; init; }

    public required string LineId { get; init; }

    /// <summary>As it was announced.</summary>
    public required string SerialNumber { get; init; }

    /// <summary>
    /// The device that this return takes back: the normal form of its serial number. It is the announced one until a person has
    /// accepted another; empty when the announced one came back in another return.
    /// </summary>
    public string DeviceKey { get; private set; } = "";

    /// <summary>The order it was sold on.</summary>
    public string DeviceOrderId { get; private set; } = "";

    /// <summary>The line of that order; null: the one that was announced.</summary>
    public string? DeviceLineId { get; private set; }

    /// <summary>Its model, if it is another device than was announced; null otherwise.</summary>
    public string? DeviceSku { get; private set; }

    /// <summary>The order whose money is given back; null: the one that was announced. Empty: none, as its device came back in another return.</summary>
    public string? MoneyOrderId { get; private set; }

    /// <summary>The line of that order.</summary>
    public string? MoneyLineId { get; private set; }

    /// <summary>The replacement that was shipped, in the normal form of its serial number; null if none was, or it had no number.</summary>
    public string? ReplacementKey { get; private set; }

    /// <summary>Its model.</summary>
    public string? ReplacementSku { get; private set; }

    /// <summary>The model that was announced; null on documents of earlier versions.</summary>
    public string? Sku { get; init; }

    /// <summary>The shipment that is said to have brought the device; null when none was named. It matters to the decision only.</summary>
    public string? ShipmentId { get; init; }

    public required ReturnReason Reason { get; init; }

    public required Resolution Resolution { get; init; }

    public required CoordinationMode Coordination { get; init; }

    /// <summary>When the customer filed the return, which is what the return window goes by.</summary>
    public required DateTimeOffset RequestedAt { get; init; }

    public OrderRefundState State { get; private set; }

    public string? CustomerId { get; private set; }

    public decimal Amount { get; private set; }

    public string? Currency { get; private set; }

    /// <summary>How the amount came about; empty where no money is owed.</summary>
    public List<RefundStep> Valuation { get; private set; } = [];

    public List<RejectionReason> Reasons { get; private set; } = [];

    public DateTimeOffset? IssuedAt { get; private set; }

    /// <summary>What a person has to decide; null when nobody has to.</summary>
    public RefundReview? Review { get; private set; }

    /// <summary>Why it is under review, or what the person said who decided last.</summary>
    public string? ReviewNote { get; private set; }

    /// <summary>Read off the device that came in; null until one has.</summary>
    public string? ReceivedSerialNumber { get; private set; }

    /// <summary>The item need not come back.</summary>
    public bool IsWaived { get; private set; }

    /// <summary>The item was inspected.</summary>
    public bool IsInspected { get; private set; }

    /// <summary>A person has accepted that another device came than was announced.</summary>
    public bool MismatchAccepted { get; private set; }

    /// <summary>It was inspected, and goes back to the customer.</summary>
    public bool IsSentBack { get; private set; }

    /// <summary>A person has accepted that the customer gets the item back beside the money or the replacement.</summary>
    public bool SentBackAccepted { get; private set; }

    /// <summary>Why the return has ended; null while it goes on.</summary>
    public string? EndedBecause { get; private set; }

    /// <summary>The return has ended, and the customer may keep the money.</summary>
    public bool IsUpheld { get; private set; }

    /// <summary>Whether the customer wants money back.</summary>
    public bool WantsMoney => Resolution is not Resolution.Replace;

    /// <summary>Why there is nothing to approve or decline; null when there is.</summary>
    public string? ReasonNotToReview => Review is null ? $"There is nothing to decide: the refund is {State}." : null;

    /// <summary>The order whose money is given back; empty if that is none's.</summary>
    public string MoneyOrder => MoneyOrderId ?? OrderId;

    /// <summary>Whether the device that this return takes back is known to be it: it came, or need not come, or a person has accepted it.</summary>
    public bool HasItsDevice => MismatchAccepted || (!HasGivenUpDevice && (IsWaived || SerialNumbers.Same(ReceivedSerialNumber, SerialNumber)));

    private bool HasGivenUpDevice => DeviceKey.Length == 0 && State != OrderRefundState.Pending;

    private bool IsAnotherDevice => !MismatchAccepted && (HasGivenUpDevice
        ? ReceivedSerialNumber is not null || IsWaived
        : ReceivedSerialNumber is not null && !SerialNumbers.Same(ReceivedSerialNumber, SerialNumber));

    /// <summary>Decides a new request: authorized, referred to a person, or rejected with all reasons that apply.</summary>
    /// <param name="order">The order it names; null when there is none.</param>
    /// <param name="sku">The model that is announced.</param>
    /// <param name="alreadyReturned">A live or completed return of the same device exists.</param>
    /// <param name="terms">How the amount follows from what was paid, and above which a person decides; null: as by default.</param>
    /// <param name="history">What happened to the line before; null: nothing.</param>
    public IEnumerable<object> Decide(
        Order? order, string sku, bool alreadyReturned, RefundPolicy policy, DateTimeOffset now, RefundTerms? terms = null, LineHistory? history = null)
    {
        if (State != OrderRefundState.Pending) yield break;
        terms ??= new RefundTerms();
        history ??= LineHistory.None;
        (DeviceKey, DeviceOrderId) = (SerialNumbers.Normal(SerialNumber), OrderId);
        var line = order?.Lines.SingleOrDefault(candidate => candidate.LineId == LineId);
        Reasons = ReasonsToReject(order, line, sku, alreadyReturned, terms, history).ToList();
        List<RefundStep> valuation = Reasons.Count == 0 && WantsMoney ? Value(order!, line!, history, terms) : [];
        // Nothing is ever paid with zero, whatever it comes from.
        if (valuation is [.., { Result: <= 0 }]) Reasons.Add(RejectionReason.NothingPaid);
        if (Reasons.Count > 0)
        {
            State = OrderRefundState.Rejected;
            yield return new OrderRefundRejected(ReturnId, Reasons);
            yield break;
        }

        (State, CustomerId, Currency) = (OrderRefundState.Authorized, order!.CustomerId, order.Currency);
        Valuation = valuation;
        Amount = Valuation.LastOrDefault()?.Result ?? 0;
        order.Refunded += Amount;
        if (Amount > terms.ReviewAbove)
            yield return Refer(RefundReview.Amount, string.Create(CultureInfo.InvariantCulture, $"{Amount} {Currency} is more than the limit of {terms.ReviewAbove}."));
        else
            yield return new OrderRefundAuthorized(ReturnId, CustomerId, Amount, Currency);
        foreach (var fact in Proceed(order, policy, now)) yield return fact;
    }

    /// <summary>The replacement has left. It can be returned by its number.</summary>
    public void ReplacementShipped(string serialNumber, string sku) => (ReplacementKey, ReplacementSku) = (SerialNumbers.Normal(serialNumber), sku);

    /// <summary>A device is in the warehouse. Whoever reads its serial number first tells; it counts once.</summary>
    /// <param name="serialNumber">Read off the device.</param>
    public IEnumerable<object> ItemReceived(string serialNumber, RefundPolicy policy, DateTimeOffset now)
    {
        ReceivedSerialNumber ??= serialNumber;
        return Proceed(null, policy, now);
    }

    /// <summary>The item need not come back: as good as received and inspected.</summary>
    public IEnumerable<object> ItemWaived(RefundPolicy policy, DateTimeOffset now)
    {
        IsWaived = true;
        return Proceed(null, policy, now);
    }

    /// <summary>The item was inspected. One that goes back to the customer is for a person first.</summary>
    public IEnumerable<object> ItemDiagnosed(Disposition disposition, RefundPolicy policy, DateTimeOffset now)
    {
        IsInspected = true;
        IsSentBack |= disposition == Disposition.ReturnToCustomer;
        return Proceed(null, policy, now);
    }

    /// <summary>
    /// The return is called off or has expired. What is not paid yet will not be; whether what is paid has to come back, a
    /// person decides.
    /// </summary>
    /// <param name="order">The order, whose money is free again.</param>
    public IEnumerable<object> End(string reason, Order? order, RefundPolicy policy, DateTimeOffset now)
    {
        EndedBecause ??= reason;
        return Proceed(order, policy, now);
    }

    /// <summary>A person says yes. Nothing happens when there is nothing to decide.</summary>
    /// <param name="order">The order whose money is given back.</param>
    /// <param name="came">Where the device was sold that came instead of the announced one; null when Sales has never sold it, or none came.</param>
    /// <param name="terms">How the amount follows from what was paid; null: as by default.</param>
    public IEnumerable<object> Approve(string? note, Order? order, RefundPolicy policy, DateTimeOffset now, SoldDevice? came = null, RefundTerms? terms = null)
    {
        if (Review is not { } review) yield break;
        (Review, ReviewNote) = (null, note);
        State = IssuedAt is null ? OrderRefundState.Authorized : OrderRefundState.Issued;
        switch (review)
        {
            case RefundReview.Amount:
                yield return new OrderRefundAuthorized(ReturnId, CustomerId!, Amount, Currency!);
                break;
            case RefundReview.Mismatch:
                TakeInstead(came, order, terms ?? new RefundTerms());
                yield return new ItemMismatchAccepted(ReturnId, note, ReceivedSerialNumber, DeviceSku ?? Sku, Amount, Currency);
                break;
            case RefundReview.SentBack:
                SentBackAccepted = true;
                yield return new Contracts.Sales.SentBackAccepted(ReturnId, note);
                break;
            default:
                IsUpheld = true;
                yield return new RefundUpheld(ReturnId, note);
                break;
        }

        foreach (var fact in Proceed(order, policy, now)) yield return fact;
    }

    /// <summary>A person says no. Nothing happens when there is nothing to decide.</summary>
    /// <param name="order">The order, whose money is free again.</param>
    public IEnumerable<object> Decline(string? note, Order? order)
    {
        if (Review is not { } review) yield break;
        (Review, ReviewNote) = (null, note);
        if (review == RefundReview.Recovery)
        {
            State = OrderRefundState.Voided;
            Free(order);
            yield return new RefundRecovered(ReturnId, Amount, Currency!);
            yield break;
        }

        Reasons = [RejectionReason.DeclinedOnReview];
        yield return new OrderRefundRejected(ReturnId, Reasons, note);
        if (IssuedAt is not null)
        {
            yield return Refer(RefundReview.Recovery, note ?? "Declined after the money was paid.");
        }
        else
        {
            State = OrderRefundState.Rejected;
            Free(order);
        }
    }

    // What follows from what is known by now, whichever fact came first.
    private IEnumerable<object> Proceed(Order? order, RefundPolicy policy, DateTimeOffset now)
    {
        if (State is OrderRefundState.Pending or OrderRefundState.Rejected or OrderRefundState.Voided || IsUpheld) yield break;
        if (EndedBecause is not null && IssuedAt is null)
        {
            (State, Review) = (OrderRefundState.Voided, null);
            Free(order);
            yield return new RefundVoided(ReturnId, EndedBecause);
        }
        else if (EndedBecause is not null && Review != RefundReview.Recovery)
        {
            yield return Refer(RefundReview.Recovery, EndedBecause);
        }
        else if (Review is null && IsAnotherDevice)
        {
            yield return Refer(RefundReview.Mismatch, HasGivenUpDevice && (ReceivedSerialNumber is null || SerialNumbers.Same(ReceivedSerialNumber, SerialNumber))
                ? $"The device came back in another return: {SerialNumber}."
                : $"Another device came than was announced: {ReceivedSerialNumber} instead of {SerialNumber}.");
        }
        else if (Review is null && IsSentBack && !SentBackAccepted)
        {
            yield return Refer(RefundReview.SentBack, $"The item goes back to the customer, who would have it and {Wish}.");
        }
        else if (State == OrderRefundState.Authorized && WantsMoney && MoneyOrder.Length > 0 && MayPay(policy))
        {
            // Only an authorized refund is paid, and paying it ends that state: no fact can pay it twice.
            (State, IssuedAt) = (OrderRefundState.Issued, now);
            yield return new RefundIssued(ReturnId, Amount, Currency!);
        }
    }

    private bool MayPay(RefundPolicy policy) => policy switch
    {
        RefundPolicy.OnAuthorized => true,
        RefundPolicy.OnReceived => ReceivedSerialNumber is not null || IsWaived,
        _ => IsInspected || IsWaived,
    };

    private string Wish => Resolution switch
    {
        Resolution.Refund => "the money",
        Resolution.Replace => "a replacement",
        _ => "the money and a replacement",
    };

    private OrderRefundReferred Refer(RefundReview review, string why)
    {
        (State, Review, ReviewNote) = (OrderRefundState.ManualReview, review, why);
        return new OrderRefundReferred(ReturnId, why, Amount, Currency!);
    }

    private void Free(Order? order)
    {
        if (order is not null && MoneyOrder.Length > 0) order.Refunded -= Amount;
    }

    public OrderRefundRequestView View() => new(
        ReturnId, OrderId, LineId, SerialNumber, CustomerId, State, Amount, Currency, Reasons, RequestedAt, IssuedAt, Coordination,
        Valuation.Select(step => new RefundStepView(step.Operation, step.Value, step.Reason, step.Result)).ToList(), Review, ReviewNote,
        MismatchAccepted && ReceivedSerialNumber is not null ? new DeviceView(DeviceSku ?? Sku ?? "", ReceivedSerialNumber) : null, ReplacementKey);
}
