namespace EseErp.Sales.Refunds;

/// <summary>When an authorized refund is paid.</summary>
public enum RefundPolicy
{
    /// <summary>At once, before the item is back.</summary>
    OnAuthorized,

    /// <summary>When the item is in the warehouse.</summary>
    OnReceived,

    /// <summary>When the item was inspected.</summary>
    OnDiagnosed,
}

/// <summary>Configuration section <c>Sales:Refunds</c>.</summary>
public sealed class RefundOptions
{
    /// <summary>When refunds are paid. Default <see cref="RefundPolicy.OnReceived"/>.</summary>
    public RefundPolicy Policy { get; set; } = RefundPolicy.OnReceived;
}
