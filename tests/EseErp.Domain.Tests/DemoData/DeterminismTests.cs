using System.Text.Json;
using EseErp.DemoData;

namespace EseErp.Domain.Tests.DemoData;

public sealed class DeterminismTests
{
    private static readonly DateOnly Today = new(2026, 11, 20);

    [Fact]
    public void Should_generate_the_same_data_from_the_same_seed() =>
        Everything(DemoCatalogue.Create(Today)).ShouldBe(Everything(DemoCatalogue.Create(Today)));

    [Fact]
    public void Should_generate_other_orders_and_names_from_another_seed()
    {
        var other = DemoCatalogue.Create(Today, seed: 2027);
        var usual = DemoCatalogue.Create(Today);

        Text(other.Order(42)).ShouldNotBe(Text(usual.Order(42)));
        other.Order(42).Lines[0].SerialNumber[^7..].ShouldNotBe(usual.Order(42).Lines[0].SerialNumber[^7..]);
        Text(other.Customers).ShouldNotBe(Text(usual.Customers));
    }

    [Fact]
    public void Should_generate_order_and_customer_n_independently_of_the_total()
    {
        var small = DemoCatalogue.Create(Today, 100);
        var large = DemoCatalogue.Create(Today, 100_000);

        Text(large.Orders.Take(100)).ShouldBe(Text(small.Orders));
        Text(large.Customers.Take(200)).ShouldBe(Text(small.Customers));
        Text(large.Order(77)).ShouldBe(Text(large.Orders.ElementAt(76)));
    }

    [Fact]
    public void Should_shift_nothing_but_dates_with_the_anchor()
    {
        var today = DemoCatalogue.Create(Today).Orders.ToList();
        var later = DemoCatalogue.Create(Today.AddDays(10)).Orders.ToList();

        Text(later.Select(WithoutDates)).ShouldBe(Text(today.Select(WithoutDates)));
        foreach (var (before, after) in today.Zip(later).Where(pair => pair.First.Story == OrderStory.Ordinary))
            after.DeliveredAt.ShouldBe(before.DeliveredAt + TimeSpan.FromDays(10));
    }

    [Fact]
    public void Should_not_compute_what_is_not_asked_for()
    {
        // Ten million lines would take minutes here if they were generated before they are read.
        var largest = DemoCatalogue.Create(Today, DemoCatalogue.LargestOrderCount);

        largest.Orders.First().OrderId.ShouldBe("SO-2026-000001");
        largest.Order(DemoCatalogue.LargestOrderCount).OrderId.ShouldBe($"SO-2026-{DemoCatalogue.LargestOrderCount}");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(DemoCatalogue.SmallestOrderCount - 1)]
    [InlineData(DemoCatalogue.LargestOrderCount + 1)]
    public void Should_refuse_an_order_count_it_cannot_keep_its_promises_for(int orders) =>
        Should.Throw<ArgumentOutOfRangeException>(() => DemoCatalogue.Create(Today, orders));

    [Fact]
    public void Should_follow_the_published_sequence_of_SplitMix64()
    {
        var chance = new SplitMix64(1234567);

        new[] { chance.Next(), chance.Next(), chance.Next() }
            .ShouldBe([6457827717110365317UL, 3203168211198807973UL, 9817491932198370423UL]);
    }

    // These hold on every machine and version of .NET. Whoever changes them on purpose changes every demo and document
    // that names an order.
    [Fact]
    public void Should_stay_the_same_between_releases()
    {
        var catalogue = DemoCatalogue.Create(Today);

        Summary(catalogue.Order(1)).ShouldBe(
            "SO-2026-000001 C-00001 EUR 2026-11-14 10:20:00Z 2026-11-18 14:25:00Z: HP210-26F9-0435352 116.91");
        Summary(catalogue.Order(42)).ShouldBe(
            "SO-2026-000042 C-00018 EUR 2026-10-23 15:53:00Z 2026-10-27 15:10:00Z: "
            + "HP350-26B1-1916835 249.90, RT900-26A4-9571156 249.90");
        catalogue.Customers.ElementAt(41).ShouldBe(new DemoCustomer("C-00042", "Camille Moreau", "FR", "EUR", "WH-LYS"));
    }

    private static string Summary(DemoOrder order) =>
        $"{order.OrderId} {order.CustomerId} {order.Currency} {order.OrderedAt:u} {order.DeliveredAt:u}: "
        + string.Join(", ", order.Lines.Select(line => $"{line.SerialNumber} {line.NetPrice}"));

    private static DemoOrder WithoutDates(DemoOrder order) =>
        order with { OrderedAt = default, DeliveredAt = order.DeliveredAt is null ? null : default(DateTimeOffset) };

    private static string Everything(DemoCatalogue catalogue) => Text(new
    {
        catalogue.Products,
        catalogue.Customers,
        catalogue.Locations,
        catalogue.CostCenters,
        catalogue.Orders,
        Examples = catalogue.Examples.All,
        Returns = catalogue.Returnable(),
    });

    private static string Text<T>(T value) => JsonSerializer.Serialize(value);
}
