using System.ComponentModel.DataAnnotations;

namespace EseErp.Inventory.Shipments;

/// <summary>Configuration section <c>Inventory:Shipments</c>.</summary>
public sealed class ShipmentOptions
{
    /// <summary>How long an item is expected after the request; then the return expires. Default 14 days.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00")]
    public TimeSpan ReturnPeriod { get; set; } = TimeSpan.FromDays(14);

    /// <summary>Code of the warehouse that expects an item when a return names none, or an unknown one. Default <c>WH-MAIN</c>.</summary>
    [Required, StringLength(40)]
    public string DefaultLocation { get; set; } = "WH-MAIN";

    /// <summary>How often Inventory looks for items that are overdue. Default 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00")]
    public TimeSpan ExpiryInterval { get; set; } = TimeSpan.FromSeconds(10);
}
