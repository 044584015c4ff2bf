using System.ComponentModel.DataAnnotations;
using EseErp.Contracts;

namespace EseErp.UserSupport.Returns;

/// <summary>How returns are accepted, and defaults for what a request leaves open. Configuration section <c>UserSupport:Returns</c>.</summary>
public sealed class ReturnOptions
{
    /// <summary>Where items arrive. Default <c>WH-MAIN</c>.</summary>
    [Required, StringLength(40)]
    public string Location { get; set; } = "WH-MAIN";

    /// <summary>Who bears the cost. Default <c>CC-RETURNS</c>.</summary>
    [Required, StringLength(40)]
    public string CostCenter { get; set; } = "CC-RETURNS";

    /// <summary>ISO 4217 currency the cost center keeps its books in. Default <c>EUR</c>.</summary>
    [Required, CurrencyCode]
    public string CostCurrency { get; set; } = "EUR";

    /// <summary>Event mode: how long a request to call a return off waits for the answer before it is 202. Default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:30")]
    public TimeSpan CancellationWait { get; set; } = TimeSpan.FromSeconds(2);
}
