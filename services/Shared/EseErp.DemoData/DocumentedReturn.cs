namespace EseErp.DemoData;

/// <summary>
/// The return in the documentation of the teams' own endpoints. Whoever presses Execute on them one after the other takes one
/// device through a team; it is one that no demo files, under a number that User Support does not reach.
/// </summary>
public static class DocumentedReturn
{
    public const string ReturnId = "RMA-2026-900001";

    // Numbers and names are the same on every day.
    private static readonly DemoCatalogue Catalogue = DemoCatalogue.Create(new DateOnly(2026, 11, 1), DemoCatalogue.SmallestOrderCount);

    /// <summary>The device, which is still within its warranty.</summary>
    public static DemoReturn Device { get; } = Catalogue.Examples.DefectiveWithinWarranty.Return;

    /// <summary>Its model.</summary>
    public static DemoProduct Product { get; } = Catalogue.Products.Single(product => product.Sku == Device.Sku);
}
