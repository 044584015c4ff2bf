namespace EseErp.Manufacturing.Disassembly;

/// <summary>Whether the workbench acts automatically, for demos. Configuration section <c>Ese</c>.</summary>
public sealed class AutoAdvanceOptions
{
    /// <summary>Items are diagnosed and taken apart automatically, in event mode. Default false.</summary>
    public bool AutoAdvance { get; set; }

    /// <summary>How long each of the two steps takes. Default 2 seconds.</summary>
    [System.ComponentModel.DataAnnotations.Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan AutoAdvanceDelay { get; set; } = TimeSpan.FromSeconds(2);
}
