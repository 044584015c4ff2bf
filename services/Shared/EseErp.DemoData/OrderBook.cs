namespace EseErp.DemoData;

/// <summary>Computes any order from the seed, its number and the anchor date.</summary>
internal sealed class OrderBook(DateOnly today, int seed)
{
    private static readonly int[] DiscountPercents = [0, 0, 0, 0, 0, 0, 5, 10, 10, 15, 20, 30];

    private readonly SerialNumbers serialNumbers = new(seed);

    public DemoOrder Order(int number)
    {
        // The draws below are in a fixed order; a new one goes last, or all orders change.
        var chance = SplitMix64.For(seed, DemoKind.Order, number);
        var story = OrderStories.Of(number);
        var customer = CustomerBook.NumberFor(number, ref chance, CurrencyFor(story));
        var currency = CustomerBook.CountryOf(customer).Currency;
        var (orderedAt, deliveredAt) = Dates(number, story, ref chance);

        return new DemoOrder(
            $"SO-2026-{number:D6}",
            CustomerBook.IdOf(customer),
            currency,
            orderedAt,
            deliveredAt,
            $"SH-2026-{number:D6}",
            Lines(number, story, currency, ref chance),
            story);
    }

    private static string? CurrencyFor(OrderStory story) => story switch
    {
        OrderStory.Happy or OrderStory.HighValue => Currencies.Euro,
        OrderStory.ForeignCurrency => Currencies.SwissFranc,
        _ => null,
    };

    private (DateTimeOffset OrderedAt, DateTimeOffset? DeliveredAt) Dates(int number, OrderStory story, ref SplitMix64 chance)
    {
        var day = story switch
        {
            OrderStory.NotDelivered => today.AddDays(1),
            OrderStory.OutsideWindowChangedMind => today.AddDays(-45),
            OrderStory.OutsideWindowDefective => today.AddMonths(-26),
            OrderStory.DefectiveWithinWarranty => today.AddMonths(-14),
            OrderStory.Ordinary => today.AddDays(-DaysSinceDelivery(number)),
            // Examples stay valid for as long as the window allows.
            _ => today.AddDays(-2),
        };
        // By day in Central Europe: parcels arrive between 7:00 and 17:59 UTC, orders come in until 21:59.
        var deliveredAt = At(day, chance.Between(7 * 60, (18 * 60) - 1));
        var orderedAt = At(day.AddDays(-chance.Between(2, 5)), chance.Between(5 * 60, (22 * 60) - 1));
        return (orderedAt, story == OrderStory.NotDelivered ? null : deliveredAt);
    }

    /// <summary>24 days at the start of a block down to 1 at its end: later numbers were delivered later.</summary>
    private static int DaysSinceDelivery(int number) =>
        24 - ((number - 1) % CustomerBook.OrdersPerBlock * 24 / CustomerBook.OrdersPerBlock);

    private static DateTimeOffset At(DateOnly day, int minute) =>
        new(day.ToDateTime(TimeOnly.MinValue.AddMinutes(minute), DateTimeKind.Utc));

    private DemoOrderLine[] Lines(int number, OrderStory story, string currency, ref SplitMix64 chance)
    {
        var lines = new DemoOrderLine[LineCount(story, ref chance)];
        for (var place = 0; place < lines.Length; place++)
        {
            var isGift = story == OrderStory.NothingPaid && place == lines.Length - 1;
            var model = isGift ? ProductShelf.Of("SH-010-WHT") : ModelFor(story, place, ref chance);
            var percent = isGift ? 100 : DiscountFor(story, ref chance);

            var listPrice = model.PriceIn(currency);
            var discount = Currencies.Round(listPrice * percent / 100);
            var serialNumber = serialNumbers.Of(number, place, model.Sku, YearsOld(story), ref chance);
            var lineId = place switch { 0 => "1", 1 => "2", _ => "3" };
            lines[place] = new DemoOrderLine(lineId, model.Sku, serialNumber, listPrice, percent, discount, listPrice - discount);
        }

        return lines;
    }

    private static int LineCount(OrderStory story, ref SplitMix64 chance) => story switch
    {
        OrderStory.NothingPaid or OrderStory.WrongDetails => 2,
        OrderStory.Ordinary => chance.Below(100) switch { < 62 => 1, < 90 => 2, _ => 3 },
        _ => 1,
    };

    private static ShelfProduct ModelFor(OrderStory story, int place, ref SplitMix64 chance) => story switch
    {
        OrderStory.Happy => ProductShelf.Of("HP-210-BLK"),
        OrderStory.LastUnitInStock => ProductShelf.Of(ProductTable.LastUnitSku),
        OrderStory.OutOfStock => ProductShelf.Of(ProductTable.OutOfStockSku),
        OrderStory.ReturnedTwice => ProductShelf.Of("RT-520-WHT"),
        OrderStory.DefectiveWithinWarranty => ProductShelf.Of("RV-300-WHT"),
        OrderStory.HighValue => ProductShelf.Of("CM-800-SLV"),
        OrderStory.ForeignCurrency => ProductShelf.Of("ER-780-BLK"),
        OrderStory.WrongDetails => ProductShelf.Of(place == 0 ? "HP-120-BLK" : "EB-140-WHT"),
        _ => ProductShelf.Draw(ref chance),
    };

    private static int DiscountFor(OrderStory story, ref SplitMix64 chance) =>
        story == OrderStory.HighValue ? 0 : chance.Pick(DiscountPercents);

    private static int YearsOld(OrderStory story) => story switch
    {
        OrderStory.OutsideWindowDefective => 3,
        OrderStory.DefectiveWithinWarranty => 2,
        _ => 0,
    };
}
