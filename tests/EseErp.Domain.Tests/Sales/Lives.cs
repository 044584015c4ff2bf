using EseErp.Contracts;
using EseErp.Contracts.Sales;
using EseErp.Sales.Orders;
using EseErp.Sales.Refunds;
using FsCheck;
using FsCheck.Fluent;

namespace EseErp.Domain.Tests.Sales;

/// <summary>What can happen to a refund request.</summary>
internal enum Happening
{
    Decided,
    ItemReceived,
    ItemDiagnosed,
    SentBack,
    Cancelled,
    AnotherDeviceCame,
    MismatchNoticed,
    Waived,
    Approved,
    Declined,
}

/// <summary>One refund request and what follows from whatever happens to it.</summary>
internal sealed class Lives(Order order, OrderRefundRequest request, RefundPolicy policy, RefundTerms? terms = null)
{
    public static readonly Gen<Happening> Events = Gen.Elements(Enum.GetValues<Happening>());

    public Order Order { get; } = order;

    public OrderRefundRequest Request { get; } = request;

    public List<object> Facts { get; } = [];

    public bool Blocks => Request.State is not (OrderRefundState.Rejected or OrderRefundState.Voided);

    /// <summary>Takes the happenings in turn.</summary>
    public Lives After(params IEnumerable<Happening> happenings)
    {
        foreach (var happening in happenings) Happen(happening);
        return this;
    }

    public void Happen(Happening happening, bool alreadyReturned = false) => Facts.AddRange(happening switch
    {
        Happening.Decided => Request.Decide(Order, Refunds.Sku, alreadyReturned, policy, Refunds.Now, terms),
        Happening.ItemReceived => Request.ItemReceived(Request.SerialNumber, policy, Refunds.Now),
        Happening.AnotherDeviceCame or Happening.MismatchNoticed => Request.ItemReceived("OTHER", policy, Refunds.Now),
        Happening.Waived => Request.ItemWaived(policy, Refunds.Now),
        Happening.ItemDiagnosed => Request.ItemDiagnosed(Disposition.Scrap, policy, Refunds.Now),
        Happening.SentBack => Request.ItemDiagnosed(Disposition.ReturnToCustomer, policy, Refunds.Now),
        Happening.Cancelled => Request.End("Called off.", Order, policy, Refunds.Now),
        Happening.Approved => Request.Approve("Fine.", Order, policy, Refunds.Now),
        Happening.Declined => Request.Decline("No.", Order),
        _ => throw new ArgumentOutOfRangeException(nameof(happening)),
    });
}
