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
    Cancelled,
}

/// <summary>One refund request and what follows from whatever happens to it.</summary>
internal sealed class Lives(Order order, OrderRefundRequest request, RefundPolicy policy, RefundTerms? terms = null)
{
    public static readonly Gen<Happening> Events = Gen.Elements(Enum.GetValues<Happening>());

    public Order Order { get; } = order;

    public OrderRefundRequest Request { get; } = request;

    public List<object> Facts { get; } = [];

    public bool Blocks => Request.State is not (OrderRefundState.Rejected or OrderRefundState.Voided);

    public void Happen(Happening happening, bool alreadyReturned = false) => Facts.AddRange(happening switch
    {
        Happening.Decided => Request.Decide(Order, alreadyReturned, policy, Refunds.Now, terms),
        Happening.ItemReceived => Request.ItemReceived(policy, Refunds.Now),
        Happening.ItemDiagnosed => Request.ItemDiagnosed(policy, Refunds.Now),
        Happening.Cancelled => Request.Void("Called off.", Order),
        _ => throw new ArgumentOutOfRangeException(nameof(happening)),
    });
}
