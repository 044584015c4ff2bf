using System.ComponentModel.DataAnnotations;
using EseErp.Contracts;

namespace EseErp.Manufacturing.Disassembly;

/// <summary>Configuration section <c>Manufacturing:Disassembly</c>.</summary>
public sealed class DisassemblyOptions
{
    /// <summary>Cost of one minute at the workbench, in <see cref="Currency"/>. Default 0.65.</summary>
    [Range(typeof(decimal), "0", "1000")]
    public decimal LabourRatePerMinute { get; set; } = 0.65m;

    /// <summary>ISO 4217; Manufacturing keeps part costs and labour in it. Default EUR.</summary>
    [Required, CurrencyCode]
    public string Currency { get; set; } = "EUR";
}
