using EseErp.DemoData;

namespace EseErp.Launcher.Chaos;

/// <summary>One return a run files.</summary>
/// <param name="Mode"><c>event</c> or <c>traditional</c>.</param>
/// <param name="IsAcceptable">False: Sales has to decline it.</param>
internal sealed record PlannedReturn(DemoReturn Device, string Mode, string Resolution, string ReplacementTiming, bool IsAcceptable)
{
    public bool WantsMoney => Resolution != "Replace";

    public bool WantsReplacement => Resolution != "Refund";

    public bool IsTraditional => Mode == ReturnPlan.Traditional;
}

/// <summary>One request to User Support: a single return, or a batch.</summary>
/// <param name="Key">Its <c>Idempotency-Key</c>, the same for every attempt.</param>
/// <param name="First">How many returns were planned before it.</param>
internal sealed record PlannedRequest(IReadOnlyList<PlannedReturn> Returns, string Key, int First, bool IsBatch);

/// <summary>Which returns are filed and in which requests; it follows from the seed.</summary>
internal sealed class ReturnPlan
{
    public const string Event = "event";
    public const string Traditional = "traditional";

    // Enough orders to find some of every kind.
    private const int FewestOrders = 1000;
    private const double DeclinedShare = 0.03;
    private const double BatchChance = 0.02;

    private readonly Random _chance;

    private ReturnPlan(int seed) => _chance = new Random(seed);

    /// <summary>The orders whose devices come back.</summary>
    public required DemoCatalogue Catalogue { get; init; }

    public IReadOnlyList<PlannedReturn> Returns { get; private set; } = [];

    public IReadOnlyList<PlannedRequest> Requests { get; private set; } = [];

    public static ReturnPlan Make(int seed, int returns, double traditionalShare, DateOnly today)
    {
        // An order has more than one device that can be returned, so as many orders as returns are enough.
        var plan = new ReturnPlan(seed) { Catalogue = DemoCatalogue.Create(today, Math.Max(FewestOrders, returns)) };
        plan.Returns = plan.Draw(returns, traditionalShare);
        plan.Requests = plan.Bundle();
        return plan;
    }

    private List<PlannedReturn> Draw(int returns, double traditionalShare)
    {
        var hopeless = Shuffled(Catalogue.Orders.Select(Hopeless).OfType<DemoReturn>()).Take((int)Math.Round(returns * DeclinedShare)).ToList();
        var acceptable = Shuffled(Catalogue.Returnable()).Take(returns - hopeless.Count);
        var all = Shuffled(acceptable.Select(device => (Device: device, IsAcceptable: true)).Concat(hopeless.Select(device => (Device: device, IsAcceptable: false))));
        return [.. all.Select(each => new PlannedReturn(
            each.Device,
            _chance.NextDouble() < traditionalShare ? Traditional : Event,
            // What was given away is declined only where money is asked for.
            each.IsAcceptable ? _chance.Next(20) switch { < 14 => "RefundAndReplace", < 17 => "Refund", _ => "Replace" } : "RefundAndReplace",
            _chance.Next(4) == 0 ? "Advance" : "OnReceipt",
            each.IsAcceptable))];
    }

    /// <summary>A return of this order that Sales has to decline; null where there is none.</summary>
    private DemoReturn? Hopeless(DemoOrder order) => order.Story switch
    {
        OrderStory.NotDelivered => Catalogue.ReturnOf(order, 0, "Defective"),
        OrderStory.OutsideWindowChangedMind => Catalogue.ReturnOf(order, 0, "NoLongerWanted"),
        OrderStory.OutsideWindowDefective => Catalogue.ReturnOf(order, 0, "Defective"),
        OrderStory.NothingPaid => Catalogue.ReturnOf(order, order.Lines.Count - 1, "Defective"),
        _ => null,
    };

    private List<PlannedRequest> Bundle()
    {
        var requests = new List<PlannedRequest>();
        for (var first = 0; first < Returns.Count;)
        {
            var isBatch = _chance.NextDouble() < BatchChance;
            var size = isBatch ? Math.Min(_chance.Next(5, 41), Returns.Count - first) : 1;
            requests.Add(new PlannedRequest([.. Returns.Skip(first).Take(size)], $"chaos-{_chance.NextInt64():x16}", first, isBatch));
            first += size;
        }

        return requests;
    }

    private List<T> Shuffled<T>(IEnumerable<T> items)
    {
        var all = items.ToArray();
        _chance.Shuffle(all);
        return [.. all];
    }
}
