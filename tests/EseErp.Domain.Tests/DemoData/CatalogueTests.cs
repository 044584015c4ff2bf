using EseErp.DemoData;

namespace EseErp.Domain.Tests.DemoData;

public sealed class CatalogueTests
{
    private readonly DemoCatalogue catalogue = DemoCatalogue.Create(new DateOnly(2026, 11, 20));

    [Fact]
    public void Should_offer_forty_products_with_a_sku_each()
    {
        catalogue.Products.Count.ShouldBe(40);
        catalogue.Products.Select(product => product.Sku).ShouldBeUnique();
        catalogue.Products.Select(product => product.Name).ShouldBeUnique();
        catalogue.Products.ShouldAllBe(product => product.Sku.Length == 10 && product.Sku[2] == '-' && product.Sku[6] == '-');
    }

    [Fact]
    public void Should_cost_well_below_the_list_price_and_no_less_than_the_parts()
    {
        foreach (var product in catalogue.Products)
        {
            var parts = product.BillOfMaterials.Sum(part => part.Quantity * part.UnitCost);

            (product.LandedCost / product.ListPrice).ShouldBeInRange(0.20m, 0.55m, product.Sku);
            // The rest is assembly, freight and duty.
            (parts / product.LandedCost).ShouldBeInRange(0.60m, 0.90m, product.Sku);
        }
    }

    [Fact]
    public void Should_list_four_to_twelve_parts_at_one_cost_wherever_they_are_used()
    {
        catalogue.Products.ShouldAllBe(product => product.BillOfMaterials.Count >= 4 && product.BillOfMaterials.Count <= 12);
        foreach (var product in catalogue.Products)
            product.BillOfMaterials.Select(part => part.PartSku).ShouldBeUnique(product.Sku);

        var parts = catalogue.Products.SelectMany(product => product.BillOfMaterials).ToList();
        parts.ShouldAllBe(part => part.Quantity >= 1 && part.UnitCost > 0);
        parts.Select(part => (part.PartSku, part.Name, part.UnitCost)).Distinct().Count()
            .ShouldBe(parts.Select(part => part.PartSku).Distinct().Count());
        parts.Count(part => part.PartSku == "BAT-LI-2600").ShouldBeGreaterThan(5);
    }

    [Fact]
    public void Should_list_only_parts_that_some_device_is_made_of()
    {
        var used = catalogue.Products.SelectMany(product => product.BillOfMaterials).Select(part => part.PartSku);

        PartTable.Parts.Keys.Except(used).ShouldBeEmpty();
    }

    [Fact]
    public void Should_name_faults_the_way_a_diagnosis_accepts_them()
    {
        foreach (var product in catalogue.Products)
        {
            product.FaultCodes.Count.ShouldBeGreaterThan(3, product.Sku);
            product.FaultCodes.ShouldBeUnique();
            product.FaultCodes.ShouldAllBe(code => code.Length <= 40);
            foreach (var code in product.FaultCodes)
                code.ShouldMatch("^[A-Z][A-Z0-9_]*$");
            product.FaultCodes[^1].ShouldBe("NO_FAULT_FOUND");
        }
    }

    [Fact]
    public void Should_book_every_product_on_a_cost_center_there_is()
    {
        var centers = catalogue.CostCenters.Select(center => center.Code).ToList();

        centers.ShouldBeUnique();
        catalogue.Products.Select(product => product.CostCenter).Distinct().ShouldBe(centers, ignoreOrder: true);
    }

    [Theory]
    [InlineData(DemoCatalogue.SmallestOrderCount)]
    [InlineData(1_000)]
    [InlineData(20_000)]
    public void Should_stock_enough_to_replace_every_returnable_unit(int orders)
    {
        var demo = DemoCatalogue.Create(new DateOnly(2026, 11, 20), orders);
        var stock = demo.Products.ToDictionary(product => product.Sku, product => product.InitialStock);

        var returned = demo.Returnable().CountBy(item => item.Sku).ToList();

        returned.ShouldAllBe(item => item.Value <= stock[item.Key]);
        stock.Values.Count(units => units == 0).ShouldBe(1);
        stock.Values.Count(units => units == 1).ShouldBe(1);
        stock.Values.Count(units => units >= 30).ShouldBe(38);
    }

    [Fact]
    public void Should_have_two_hundred_customers_mostly_paying_in_euro()
    {
        var customers = catalogue.Customers.ToList();

        customers.Count.ShouldBe(200);
        customers.Select(customer => customer.CustomerId).ShouldBeUnique();
        customers.Count(customer => customer.Currency == "EUR").ShouldBe(168);
        customers.Select(customer => customer.Currency).Distinct().ShouldBe(["EUR", "CHF", "GBP", "USD"], ignoreOrder: true);
    }

    [Fact]
    public void Should_send_every_customers_returns_to_a_warehouse_there_is()
    {
        var locations = catalogue.Locations.Select(location => location.Code).ToList();

        locations.ShouldBeUnique();
        catalogue.Customers.Select(customer => customer.ReturnLocation).Distinct().ShouldBe(locations, ignoreOrder: true);
    }
}
