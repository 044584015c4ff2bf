using System.Diagnostics;

namespace EseErp.EventStore;

/// <summary>
/// On whose behalf the current scope works: set by the pump before each message and at the border for each request, and
/// copied to every event recorded meanwhile.
/// </summary>
public sealed class Causality
{
    /// <summary>Shared by everything that follows from one request.</summary>
    public string CorrelationId { get; set; } = Guid.CreateVersion7().ToString("N");

    /// <summary>The event that led to the ones recorded now; null when a person or a program called.</summary>
    public string? CausationId { get; set; }

    /// <summary>W3C trace context, so that one trace spans all teams.</summary>
    public string? TraceParent { get; set; } = Activity.Current?.Id;
}
