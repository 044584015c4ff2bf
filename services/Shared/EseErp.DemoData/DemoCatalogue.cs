namespace EseErp.DemoData;

/// <summary>
/// The demo data of all teams: products, customers, orders and the returns that show every rule. The same seed and date
/// give the same data on every machine; order <c>n</c> is the same however many orders there are.
/// </summary>
/// <remarks>Immutable and safe for concurrent use. Orders and customers are computed when asked for, not kept.</remarks>
public sealed class DemoCatalogue
{
    /// <summary>Fewest orders a demo can have: those of the examples and a few ordinary ones.</summary>
    public const int SmallestOrderCount = 20;

    /// <summary>Most orders a demo can have; beyond them serial numbers would repeat.</summary>
    public const int LargestOrderCount = SerialNumbers.LastOrder;

    /// <summary>
    /// A refund of more than this is for a person to decide, unless Sales is configured otherwise; in the order's currency.
    /// </summary>
    public const decimal ReviewLimit = 1_000;

    // A device that came two days ago can come back for any reason; most come back because they do not work.
    private static readonly string[] OrdinaryReasons =
        ["Defective", "Defective", "Defective", "NoLongerWanted", "NoLongerWanted", "DamagedInTransit", "WrongItem",
            "NotAsDescribed", "WarrantyClaim"];

    private readonly int seed;
    private readonly OrderBook orderBook;
    private readonly CustomerBook customerBook;
    private readonly Dictionary<string, string> costCenters;

    private DemoCatalogue(DateOnly today, int orders, int seed)
    {
        this.seed = seed;
        OrderCount = orders;
        Products = ProductShelf.Catalogue(seed, orders);
        orderBook = new OrderBook(today, seed);
        customerBook = new CustomerBook(seed);
        costCenters = Products.ToDictionary(product => product.Sku, product => product.CostCenter);
        Examples = new DemoExamples(this);
    }

    /// <summary>40 products, each with its initial stock.</summary>
    public IReadOnlyList<DemoProduct> Products { get; }

    /// <summary>Warehouses that take returns.</summary>
    public IReadOnlyList<DemoLocation> Locations { get; } = CountryTable.Locations;

    /// <summary>Cost centers that bear returns, one for a group of categories.</summary>
    public IReadOnlyList<DemoCostCenter> CostCenters { get; } = CategoryTable.CostCenters;

    /// <summary>One return for each rule.</summary>
    public DemoExamples Examples { get; }

    public int OrderCount { get; }

    /// <summary>200 for every 1,000 orders begun.</summary>
    public int CustomerCount => CustomerBook.CountFor(OrderCount);

    /// <summary>All orders by number, computed one by one while they are read.</summary>
    public IEnumerable<DemoOrder> Orders => Enumerable.Range(1, OrderCount).Select(orderBook.Order);

    /// <summary>All customers by number, computed one by one while they are read.</summary>
    public IEnumerable<DemoCustomer> Customers => Enumerable.Range(1, CustomerCount).Select(customerBook.Customer);

    /// <summary>Creates the demo data.</summary>
    /// <param name="today">
    /// The anchor of all dates, in UTC. What is returnable on this day stays returnable for the five days after it.
    /// </param>
    /// <param name="orders"><see cref="SmallestOrderCount"/> to <see cref="LargestOrderCount"/>.</param>
    /// <param name="seed">Any number; names, choices and serial numbers follow from it.</param>
    /// <exception cref="ArgumentOutOfRangeException">Too few or too many orders.</exception>
    public static DemoCatalogue Create(DateOnly today, int orders = 1000, int seed = 2026)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(orders, SmallestOrderCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(orders, LargestOrderCount);
        return new DemoCatalogue(today, orders, seed);
    }

    /// <summary>One order by its number, without computing those before it.</summary>
    /// <param name="number">1 to <see cref="OrderCount"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such order.</exception>
    public DemoOrder Order(int number)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(number, OrderCount);
        return orderBook.Order(number);
    }

    /// <summary>
    /// Returns that every team accepts without asking a person and whose replacement is in stock, one for each line of the
    /// ordinary orders that is not too dear for that: more than one for each order of a default demo. The examples' devices are
    /// not among them.
    /// </summary>
    /// <param name="skip">How many to leave out at the start, such as those filed already; 0 or more.</param>
    public IEnumerable<DemoReturn> Returnable(int skip = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(skip);
        return Enumerable.Range(1, OrderCount)
            .Where(number => OrderStories.Of(number) == OrderStory.Ordinary)
            .SelectMany(OrdinaryReturns)
            .Skip(skip);
    }

    /// <summary>The return of one line of an order of this catalogue, to the customer's warehouse.</summary>
    /// <param name="line">Index into <see cref="DemoOrder.Lines"/>, from 0.</param>
    /// <param name="reason">One of those of <see cref="DemoReturn"/>; whether it is accepted is for Sales to say.</param>
    public DemoReturn ReturnOf(DemoOrder order, int line, string reason)
    {
        ArgumentNullException.ThrowIfNull(order);
        ArgumentOutOfRangeException.ThrowIfNegative(line);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(line, order.Lines.Count);

        var sold = order.Lines[line];
        var customerNumber = int.Parse(order.CustomerId.AsSpan(2));
        return new DemoReturn(
            order.OrderId, sold.LineId, sold.Sku, sold.SerialNumber, reason, order.CustomerId, order.ShipmentId,
            CustomerBook.CountryOf(customerNumber).ReturnLocation, costCenters[sold.Sku]);
    }

    private IEnumerable<DemoReturn> OrdinaryReturns(int number)
    {
        var chance = SplitMix64.For(seed, DemoKind.Reason, number);
        var order = orderBook.Order(number);
        for (var line = 0; line < order.Lines.Count; line++)
        {
            // Drawn for each line, so that leaving one out changes no other.
            var reason = chance.Pick(OrdinaryReasons);
            if (order.Lines[line].NetPrice <= ReviewLimit) yield return ReturnOf(order, line, reason);
        }
    }
}
