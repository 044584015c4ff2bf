namespace EseErp.Inventory.Receipts;

/// <summary>Whether the warehouse acts automatically, for demos. Configuration section <c>Ese</c>.</summary>
public sealed class AutoAdvanceOptions
{
    /// <summary>Expected items arrive automatically, in event mode. Default false.</summary>
    public bool AutoAdvance { get; set; }

    /// <summary>How long after the request the item arrives. Default 2 seconds.</summary>
    [System.ComponentModel.DataAnnotations.Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan AutoAdvanceDelay { get; set; } = TimeSpan.FromSeconds(2);
}
