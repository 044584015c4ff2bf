namespace EseErp.DemoData;

/// <summary>A product as orders need it.</summary>
internal sealed record ShelfProduct(string Sku, ModelRow Model, int Number)
{
    private readonly decimal franc = Currencies.ListPrice(Model.Price, Currencies.SwissFranc);
    private readonly decimal pound = Currencies.ListPrice(Model.Price, Currencies.Pound);
    private readonly decimal dollar = Currencies.ListPrice(Model.Price, Currencies.Dollar);

    public bool IsScarce => Sku is ProductTable.LastUnitSku or ProductTable.OutOfStockSku;

    public decimal PriceIn(string currency) => currency switch
    {
        Currencies.Euro => Model.Price,
        Currencies.SwissFranc => franc,
        Currencies.Pound => pound,
        Currencies.Dollar => dollar,
        _ => throw new ArgumentOutOfRangeException(nameof(currency), currency, "There is no price list in this currency."),
    };
}

/// <summary>The products of <see cref="ProductTable"/> one by one, with their stock, and drawn by popularity.</summary>
internal static class ProductShelf
{
    private static readonly ShelfProduct[] Products =
        [.. ProductTable.Models
            .SelectMany(model => model.Colours.Select(colour => (Sku: $"{model.Model}-{colour}", model)))
            .Select((product, index) => new ShelfProduct(product.Sku, product.model, index + 1))];

    private static readonly Dictionary<string, ShelfProduct> BySku = Products.ToDictionary(product => product.Sku);

    // A product is in here as often as it is popular. Scarce models are kept out: they are sold by their stories only,
    // so that a mass of ordinary returns never meets an empty shelf.
    private static readonly ShelfProduct[] ByPopularity =
        [.. Products.Where(product => !product.IsScarce)
            .SelectMany(product => Enumerable.Repeat(product, product.Model.Popularity))];

    public static ShelfProduct Of(string sku) => BySku[sku];

    public static ShelfProduct Draw(ref SplitMix64 chance) => chance.Pick(ByPopularity);

    public static IReadOnlyList<DemoProduct> Catalogue(int seed, int orders) =>
        [.. Products.Select(product => Describe(product, InitialStock(product, seed, orders)))];

    private static DemoProduct Describe(ShelfProduct product, int initialStock)
    {
        var (_, colours, categoryName, name, price, landed, _, parts) = product.Model;
        var category = CategoryTable.Categories[categoryName];
        var displayName = colours.Length == 1 ? name : $"{name}, {ColourName(product.Sku[^3..])}";
        return new DemoProduct(
            product.Sku, displayName, categoryName, price, Currencies.Euro, landed, [.. parts.Split(", ").Select(Part)],
            initialStock, category.FaultCodes, category.CostCenter);
    }

    /// <summary>Reads <c>2 DRV-40</c>.</summary>
    private static DemoPart Part(string row)
    {
        var space = row.IndexOf(' ', StringComparison.Ordinal);
        var partSku = row[(space + 1)..];
        var (name, unitCost) = PartTable.Parts[partSku];
        return new DemoPart(partSku, name, int.Parse(row.AsSpan(0, space)), unitCost);
    }

    private static string ColourName(string code) => code switch
    {
        "BLK" => "black",
        "WHT" => "white",
        "SLV" => "silver",
        "RED" => "red",
        "BLU" => "blue",
        "ROS" => "rose",
        _ => throw new ArgumentOutOfRangeException(nameof(code), code, "The colour has no name."),
    };

    private static int InitialStock(ShelfProduct product, int seed, int orders)
    {
        switch (product.Sku)
        {
            case ProductTable.LastUnitSku:
                return 1;
            case ProductTable.OutOfStockSku:
                return 0;
        }

        // An order has about one and a half lines. 30 % and a base of 30 above the expected sales leave room for chance,
        // so that every sold unit can be replaced.
        var expectedSales = orders * 1.5m * product.Model.Popularity / ByPopularity.Length;
        var chance = SplitMix64.For(seed, DemoKind.Stock, product.Number);
        return (int)Math.Ceiling(expectedSales * 1.3m) + chance.Between(30, 59);
    }
}
