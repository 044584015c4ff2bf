using System.ComponentModel.DataAnnotations;

namespace EseErp.Sales.Refunds;

/// <summary>When an authorized refund is paid.</summary>
public enum RefundPolicy
{
    /// <summary>At once, before the item is back.</summary>
    OnAuthorized,

    /// <summary>When the item has arrived in the warehouse.</summary>
    OnReceived,

    /// <summary>When the item was inspected.</summary>
    OnDiagnosed,
}

/// <summary>Configuration section <c>Sales:Refunds</c>.</summary>
public sealed class RefundOptions
{
    /// <summary>When an authorized refund is paid. Default <see cref="RefundPolicy.OnReceived"/>.</summary>
    public RefundPolicy Policy { get; set; } = RefundPolicy.OnReceived;

    /// <summary>The part of the price that is refunded when the customer no longer wants the device: 0.85 keeps 15 % as a restocking fee. 1: no fee.</summary>
    [Range(0.01, 1)]
    public decimal RestockingFactor { get; set; } = 0.85m;

    /// <summary>
    /// Added where the fault is ours, in the currency of the order; a refund never exceeds what was paid for the line. Default 0,
    /// because orders carry no shipping costs; 9.90 would be usual.
    /// </summary>
    [Range(0, 1_000)]
    public decimal ShippingCredit { get; set; }

    /// <summary>
    /// A refund of more than this, in the order's currency, is under review until a person has approved or declined it. Default 1,000.
    /// </summary>
    [Range(0, 1_000_000)]
    public decimal ReviewAbove { get; set; } = 1_000;

    /// <summary>The company's time zone, in which the days of a return window are counted, such as <c>Europe/Berlin</c>. Default UTC.</summary>
    [Required, CustomValidation(typeof(RefundOptions), nameof(CheckTimeZone))]
    public string TimeZone { get; set; } = "UTC";

    /// <summary>The terms as the rules take them.</summary>
    public RefundTerms Terms => new(RestockingFactor, ShippingCredit, ReviewAbove) { TimeZone = TimeZoneInfo.FindSystemTimeZoneById(TimeZone) };

    public static ValidationResult? CheckTimeZone(string timeZone) => TimeZoneInfo.TryFindSystemTimeZoneById(timeZone, out _)
        ? ValidationResult.Success
        : new ValidationResult($"Sales:Refunds:TimeZone: this machine knows no time zone '{timeZone}'.");
}
