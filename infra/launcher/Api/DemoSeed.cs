using System.Diagnostics;
using EseErp.Launcher.Output;

namespace EseErp.Launcher.Api;

/// <summary>Orders, products, stock and costs to try the system with; every team makes its own share.</summary>
internal static class DemoSeed
{
    public const int UsualOrders = 1000;

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(10);

    /// <param name="running">The services that were started.</param>
    public static async Task SeedIfNoneAsync(EseClient client, IReadOnlyList<ServiceDefinition> running, CancellationToken cancellationToken)
    {
        if (ServiceCatalog.All.Except(running).FirstOrDefault(service => service.DemoData) is { } missing)
        {
            Screen.Line($"No demo data was made, as {missing.Team} is left to you; ./ese seed makes it once every service runs.");
            return;
        }

        if (await FirstReturnableAsync(client, cancellationToken) is null)
            await SeedAsync(client, UsualOrders, cancellationToken);
    }

    /// <param name="report">Hears what is made; the screen when null.</param>
    public static async Task SeedAsync(EseClient client, int orders, CancellationToken cancellationToken, Action<string>? report = null)
    {
        report ??= Screen.Line;
        report($"Making demo data ({orders:N0} orders)…");
        var clock = Stopwatch.StartNew();
        var teams = ServiceCatalog.All.Where(service => service.DemoData).ToList();
        await Task.WhenAll(teams.Select(async team =>
        {
            var answer = (await client.PostAsync(team.Team, "demo-data", new { orders }, cancellationToken, s_limit)).Require();
            var counts = string.Join(", ", answer.Body.Flatten().Select(entry => $"{entry.Path} {entry.Value}"));
            report($"  {team.Team}: {counts} ({clock.Elapsed.TotalSeconds:0.0} s)");
        }));
        report($"Demo data made in {clock.Elapsed.TotalSeconds:0.0} s.");
    }

    /// <summary>A sold device that was not returned yet; null when there is none.</summary>
    public static async Task<ReturnableUnit?> FirstReturnableAsync(EseClient client, CancellationToken cancellationToken) =>
        (await ReturnablesAsync(client, 1, cancellationToken)) is [var first, ..] ? first : null;

    public static async Task<IReadOnlyList<ReturnableUnit>> ReturnablesAsync(EseClient client, int take, CancellationToken cancellationToken)
    {
        var answer = (await client.GetAsync("sales", $"demo-data/returnable?take={take}", cancellationToken)).Require();
        return
        [
            .. answer.Body.Items().Select(item => new ReturnableUnit(
                item.Text("orderId") ?? "", item.Text("lineId") ?? "", item.Text("sku") ?? "", item.Text("serialNumber") ?? "")),
        ];
    }
}

internal sealed record ReturnableUnit(string OrderId, string LineId, string Sku, string SerialNumber);
