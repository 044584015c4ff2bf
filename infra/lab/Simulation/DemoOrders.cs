using EseErp.DemoData;
using EseErp.Lab.Returns;
using EseErp.Launcher.Api;

namespace EseErp.Lab.Simulation;

/// <summary>Makes orders whose devices nobody has returned yet, behind those that are there.</summary>
internal static class DemoOrders
{
    // Among so many there are some of every kind.
    private const int Fewest = 200;

    public static async Task<DevicePool> AddAsync(EseClient client, int seed, int returns, Action<string> report, CancellationToken cancellationToken)
    {
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        var present = await CountAsync(client, DemoCatalogue.Create(today, DemoCatalogue.LargestOrderCount), cancellationToken);
        // Of some orders nothing can be returned, of most more than one device.
        var orders = present + Math.Max(Fewest, returns + (returns / 4));
        await DemoSeed.SeedAsync(client, orders, cancellationToken, report);
        return new DevicePool(DemoCatalogue.Create(today, orders), seed, present + 1);
    }

    // Orders are numbered without gaps.
    private static async Task<int> CountAsync(EseClient client, DemoCatalogue catalogue, CancellationToken cancellationToken)
    {
        var (known, unknown) = (0, 1);
        while (unknown > known && await IsKnownAsync(unknown))
            (known, unknown) = (unknown, Math.Min(unknown * 2, catalogue.OrderCount));
        while (unknown - known > 1)
        {
            var middle = (known + unknown) / 2;
            (known, unknown) = await IsKnownAsync(middle) ? (middle, unknown) : (known, middle);
        }

        return known;

        async Task<bool> IsKnownAsync(int number)
        {
            var answer = await client.GetAsync("sales", $"orders/{catalogue.Order(number).OrderId}", cancellationToken);
            return answer.Status != 404 && answer.Require().Succeeded;
        }
    }
}
