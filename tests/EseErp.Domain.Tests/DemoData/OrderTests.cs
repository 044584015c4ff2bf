using EseErp.DemoData;
using FsCheck;
using FsCheck.Fluent;

namespace EseErp.Domain.Tests.DemoData;

public sealed class OrderTests
{
    private static readonly DateOnly Today = new(2026, 11, 20);

    // The last moment of the fifth day after the anchor: what is promised to be returnable still has to be.
    private static readonly DateTimeOffset FiveDaysLater = new(2026, 11, 25, 23, 59, 59, TimeSpan.Zero);

    private readonly DemoCatalogue catalogue = DemoCatalogue.Create(Today);

    [Fact]
    public void Should_keep_serial_numbers_unique_over_all_orders()
    {
        var demo = DemoCatalogue.Create(Today, 100_000);

        // The unit number at the end is unique without the model before it.
        var units = demo.Orders.SelectMany(order => order.Lines).Select(line => line.SerialNumber[^7..]).ToList();
        units.Distinct().Count().ShouldBe(units.Count);
    }

    [Fact]
    public void Should_give_every_line_a_serial_number_of_its_model()
    {
        foreach (var line in catalogue.Orders.SelectMany(order => order.Lines))
        {
            line.SerialNumber.ShouldMatch("^[A-Z]{2}[0-9]{3}-[0-9]{2}[A-M][1-9]-[0-9]{7}$");
            line.SerialNumber[..5].ShouldBe(line.Sku.Replace("-", "", StringComparison.Ordinal)[..5]);
        }
    }

    [Fact]
    public void Should_price_every_line_of_any_seed_between_nothing_and_the_list_price()
    {
        var seeds = Gen.Choose(int.MinValue, int.MaxValue).ToArbitrary();
        var numbers = Gen.Choose(1, DemoCatalogue.LargestOrderCount).ToArbitrary();

        Prop.ForAll(seeds, numbers, (seed, number) =>
            DemoCatalogue.Create(Today, DemoCatalogue.LargestOrderCount, seed).Order(number).Lines.All(line =>
                line.ListPrice > 0
                && line.NetPrice >= 0
                && line.NetPrice <= line.ListPrice
                && line.NetPrice == line.ListPrice - line.Discount
                && line.DiscountPercent is >= 0 and <= 30 or 100))
            .QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Should_round_discounts_half_even_to_the_cent()
    {
        var lines = DemoCatalogue.Create(Today, 10_000).Orders.SelectMany(order => order.Lines).ToList();

        foreach (var line in lines)
            line.Discount.ShouldBe(HalfEvenCents(line.ListPrice, line.DiscountPercent), line.SerialNumber);
        // Without a half that goes down this test could not tell half-even from half-up.
        lines.ShouldContain(line => line.Discount < line.ListPrice * line.DiscountPercent / 100
            && line.ListPrice * line.DiscountPercent % 1 == 0.5m);
    }

    [Fact]
    public void Should_take_every_order_from_a_customer_there_is_in_their_currency()
    {
        var demo = DemoCatalogue.Create(Today, 2_500);
        var currencies = demo.Customers.ToDictionary(customer => customer.CustomerId, customer => customer.Currency);

        demo.Orders.ShouldAllBe(order => currencies[order.CustomerId] == order.Currency);
        demo.Orders.Select(order => order.CustomerId).Distinct().Count().ShouldBeGreaterThan(550);
    }

    [Fact]
    public void Should_sell_every_product_at_its_list_price()
    {
        var prices = catalogue.Products.ToDictionary(product => product.Sku, product => product.ListPrice);
        var sold = catalogue.Orders.Where(order => order.Currency == "EUR").SelectMany(order => order.Lines).ToList();

        sold.ShouldAllBe(line => line.ListPrice == prices[line.Sku]);
        sold.Select(line => line.Sku).Distinct().Count().ShouldBe(40);
    }

    [Fact]
    public void Should_deliver_after_the_order_and_before_the_anchor_day()
    {
        var startOfToday = new DateTimeOffset(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);

        catalogue.Orders.ShouldAllBe(order => order.OrderedAt < startOfToday && order.OrderedAt.Offset == TimeSpan.Zero);
        foreach (var order in catalogue.Orders.Where(order => order.DeliveredAt is not null))
        {
            var deliveredAt = order.DeliveredAt.ShouldNotBeNull();
            deliveredAt.ShouldBeGreaterThan(order.OrderedAt);
            deliveredAt.ShouldBeLessThan(startOfToday);
            deliveredAt.Offset.ShouldBe(TimeSpan.Zero);
        }
    }

    [Fact]
    public void Should_make_at_least_85_percent_of_the_lines_returnable()
    {
        var lines = catalogue.Orders.SelectMany(order => order.Lines.Select(line => (order.DeliveredAt, line.NetPrice))).ToList();
        var endOfToday = new DateTimeOffset(2026, 11, 20, 23, 59, 59, TimeSpan.Zero);

        var returnable = lines.Count(line => line.NetPrice > 0 && endOfToday - line.DeliveredAt < TimeSpan.FromDays(25));

        ((double)returnable / lines.Count).ShouldBeInRange(0.85, 0.97);
    }

    [Fact]
    public void Should_hand_out_more_accepted_returns_than_there_are_orders()
    {
        var returns = catalogue.Returnable().ToList();

        returns.Count.ShouldBeGreaterThan(1_200);
        returns.Select(item => item.SerialNumber).ShouldBeUnique();
        returns.ShouldAllBe(item => !SalesRules.Rejections(catalogue, item, FiveDaysLater).Any());
        var paid = catalogue.Orders.SelectMany(order => order.Lines).ToDictionary(line => line.SerialNumber, line => line.NetPrice);
        returns.ShouldAllBe(item => paid[item.SerialNumber] <= DemoCatalogue.ReviewLimit);
        catalogue.Returnable(skip: 700).ShouldBe(returns.Skip(700));
    }

    [Fact]
    public void Should_spread_every_story_over_the_orders()
    {
        var later = DemoCatalogue.Create(Today, 200).Orders.Skip(20).CountBy(order => order.Story).ToDictionary();

        later[OrderStory.Ordinary].ShouldBeGreaterThan(150);
        foreach (var story in new[] { OrderStory.NotDelivered, OrderStory.OutsideWindowChangedMind,
            OrderStory.OutsideWindowDefective, OrderStory.NothingPaid, OrderStory.LastUnitInStock, OrderStory.OutOfStock })
        {
            later[story].ShouldBeGreaterThanOrEqualTo(3, story.ToString());
        }
    }

    // Whole hundredths of a cent, so that no rounding of the runtime is involved.
    private static decimal HalfEvenCents(decimal price, int percent)
    {
        var hundredths = (long)(price * 100) * percent;
        var (cents, rest) = Math.DivRem(hundredths, 100);
        if (rest > 50 || (rest == 50 && cents % 2 == 1))
            cents++;
        return cents / 100m;
    }
}
