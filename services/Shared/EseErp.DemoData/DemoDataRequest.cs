using System.ComponentModel.DataAnnotations;

namespace EseErp.DemoData;

/// <summary>Asks a team for its part of the demo data (<c>POST /demo-data</c>).</summary>
/// <param name="Orders">How many orders the whole demo is to have; what is there already stays and counts.</param>
public sealed record DemoDataRequest(
    [property: Range(DemoCatalogue.SmallestOrderCount, 1_000_000)] int Orders = 1000)
{
    /// <summary>Who the history says added them.</summary>
    public const string User = "demo-data";
}
