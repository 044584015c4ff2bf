using EseErp.DemoData;

namespace EseErp.Domain.Tests.DemoData;

public sealed class ExampleTests
{
    private static readonly DateOnly Today = new(2026, 11, 20);

    private readonly DemoCatalogue catalogue = DemoCatalogue.Create(Today);

    private DemoExamples Examples => catalogue.Examples;

    public static TheoryData<string> Names =>
        [.. DemoCatalogue.Create(Today).Examples.All.Select(example => example.Name)];

    // The ends of months and a leap day are where adding months goes wrong.
    public static TheoryData<DateOnly> Days =>
        [Today, new(2027, 1, 1), new(2028, 2, 29), new(2027, 3, 31), new(2031, 12, 31)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Should_be_judged_as_it_claims(string name)
    {
        var example = Examples.All.Single(example => example.Name == name);

        foreach (var daysLater in new[] { 0, 5 })
            Rejections(catalogue, example, Today.AddDays(daysLater)).ShouldBe(Expected(example));
    }

    [Fact]
    public void Should_be_delivered_as_long_ago_as_it_says()
    {
        Delivered(Examples.OutsideWindowChangedMind).ShouldBe(new DateOnly(2026, 10, 6));
        Delivered(Examples.OutsideWindowDefective).ShouldBe(new DateOnly(2024, 9, 20));
        Delivered(Examples.DefectiveWithinWarranty).ShouldBe(new DateOnly(2025, 9, 20));
        Delivered(Examples.NotDelivered).ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Days))]
    public void Should_be_judged_the_same_on_any_day(DateOnly day)
    {
        var demo = DemoCatalogue.Create(day, DemoCatalogue.SmallestOrderCount);

        foreach (var example in demo.Examples.All)
            Rejections(demo, example, day).ShouldBe(Expected(example), $"{example.Name} on {day}");
    }

    [Fact]
    public void Should_cover_every_reason_to_reject()
    {
        // AlreadyReturned is about two requests, see ReturnedTwice.
        Examples.All.Select(example => example.Rejection).OfType<string>().Distinct().ShouldBe(
            ["OrderUnknown", "LineUnknown", "SerialNotOnLine", "NotDelivered", "OutsideReturnWindow", "NothingPaid"],
            ignoreOrder: true);
    }

    [Fact]
    public void Should_have_all_examples_at_the_same_numbers_in_the_smallest_demo() =>
        DemoCatalogue.Create(Today, DemoCatalogue.SmallestOrderCount).Examples.All.ShouldBe(Examples.All);

    [Fact]
    public void Should_accept_the_change_of_mind_of_45_days_as_a_defect()
    {
        var defect = Examples.OutsideWindowChangedMind with
        {
            Return = Examples.OutsideWindowChangedMind.Return with { Reason = "Defective" },
        };

        Rejections(catalogue, defect, Today).ShouldBeEmpty();
    }

    [Fact]
    public void Should_refuse_the_warranty_example_for_a_change_of_mind()
    {
        var changedMind = Examples.DefectiveWithinWarranty with
        {
            Return = Examples.DefectiveWithinWarranty.Return with { Reason = "NoLongerWanted" },
        };

        Rejections(catalogue, changedMind, Today).ShouldBe(["OutsideReturnWindow"]);
    }

    [Fact]
    public void Should_promise_a_replacement_only_where_the_stock_has_one()
    {
        Stock(Examples.LastUnitInStock).ShouldBe(1);
        Stock(Examples.OutOfStock).ShouldBe(0);
        Examples.LastUnitTaken.Return.Sku.ShouldBe(Examples.LastUnitInStock.Return.Sku);
        Examples.LastUnitTaken.Return.SerialNumber.ShouldNotBe(Examples.LastUnitInStock.Return.SerialNumber);

        // Filed in order, each accepted example takes one unit.
        var stock = catalogue.Products.ToDictionary(product => product.Sku, product => product.InitialStock);
        foreach (var example in Examples.All.Where(example => example.Rejection is null))
            (stock[example.Return.Sku]-- > 0).ShouldBe(example.ReplacementInStock, example.Name);
    }

    [Fact]
    public void Should_show_the_dearest_model_at_its_full_price_in_euro()
    {
        var order = Order(Examples.HighValue);

        order.Currency.ShouldBe("EUR");
        order.Lines.ShouldHaveSingleItem().NetPrice.ShouldBe(catalogue.Products.Max(product => product.ListPrice));
    }

    [Fact]
    public void Should_show_one_refund_that_a_person_decides_on() => Examples.All
        .Where(example => example.Rejection is null && Order(example).Lines.Single(line => line.LineId == example.Return.LineId).NetPrice > DemoCatalogue.ReviewLimit)
        .ShouldBe([Examples.HighValue]);

    [Fact]
    public void Should_show_a_purchase_in_francs() =>
        Order(Examples.ForeignCurrency).Currency.ShouldBe("CHF");

    [Fact]
    public void Should_keep_the_examples_devices_out_of_the_mass_of_returns()
    {
        var examples = Examples.All.Select(example => example.Return.SerialNumber);

        catalogue.Returnable().Select(item => item.SerialNumber).Intersect(examples).ShouldBeEmpty();
    }

    [Fact]
    public void Should_fill_in_shipment_warehouse_and_cost_center()
    {
        foreach (var item in Examples.All.Select(example => example.Return))
        {
            item.ShipmentId.ShouldStartWith("SH-2026-0000");
            catalogue.Customers.Single(customer => customer.CustomerId == item.CustomerId).ReturnLocation.ShouldBe(item.Location);
            catalogue.Products.Single(product => product.Sku == item.Sku).CostCenter.ShouldBe(item.CostCenter);
        }
    }

    private DemoOrder Order(DemoExample example) =>
        catalogue.Orders.Single(order => order.OrderId == example.Return.OrderId);

    private DateOnly? Delivered(DemoExample example) =>
        Order(example).DeliveredAt is { } deliveredAt ? DateOnly.FromDateTime(deliveredAt.UtcDateTime) : null;

    private int Stock(DemoExample example) =>
        catalogue.Products.Single(product => product.Sku == example.Return.Sku).InitialStock;

    private static string[] Expected(DemoExample example) => example.Rejection is null ? [] : [example.Rejection];

    private static IEnumerable<string> Rejections(DemoCatalogue demo, DemoExample example, DateOnly day) =>
        SalesRules.Rejections(demo, example.Return, new DateTimeOffset(day, new TimeOnly(23, 59, 59), TimeSpan.Zero));
}
