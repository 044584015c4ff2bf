using EseErp.DemoData;
using EseErp.Lab.Returns;

namespace EseErp.Lab.Chaos;

/// <summary>Which returns a chaos run files and in which requests; it follows from the seed.</summary>
internal sealed record RequestPlan(DemoCatalogue Catalogue, IReadOnlyList<PlannedReturn> Returns, IReadOnlyList<PlannedRequest> Requests)
{
    // Enough orders to find some of every kind.
    private const int FewestOrders = 1000;
    private const double BatchChance = 0.02;

    public static RequestPlan Make(int seed, int returns, double traditionalShare, DateOnly today)
    {
        // An order has more than one device that can be returned, so as many orders as returns are enough.
        var catalogue = DemoCatalogue.Create(today, Math.Max(FewestOrders, returns));
        var chance = new Random(seed);
        var drawn = ReturnPlan.Draw(chance, returns, new ReturnMix { Traditional = traditionalShare / 2, TraditionalAsync = traditionalShare / 2 }, new DevicePool(catalogue, seed));
        return new RequestPlan(catalogue, drawn, Bundle(chance, drawn));
    }

    private static List<PlannedRequest> Bundle(Random chance, IReadOnlyList<PlannedReturn> returns)
    {
        var requests = new List<PlannedRequest>();
        for (var first = 0; first < returns.Count;)
        {
            var isBatch = chance.NextDouble() < BatchChance;
            var size = isBatch ? Math.Min(chance.Next(5, 41), returns.Count - first) : 1;
            requests.Add(new PlannedRequest([.. returns.Skip(first).Take(size)], $"chaos-{chance.NextInt64():x16}", first, isBatch));
            first += size;
        }

        return requests;
    }
}
