using System.CommandLine;
using EseErp.Launcher.Api;

namespace EseErp.Launcher.CommandLine;

/// <summary><c>./ese seed --orders N</c>.</summary>
internal static class SeedCommand
{
    public static Command Create()
    {
        var orders = new Option<int>("--orders") { Description = "How many orders", DefaultValueFactory = _ => DemoSeed.UsualOrders }.Between(1, 10_000_000);
        var command = new Command("seed", "Make demo data") { orders };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var client = EseClient.OfRunningSystem();
            await DemoSeed.SeedAsync(client, parsed.GetValue(orders), cancellationToken);
            return 0;
        });
        return command;
    }
}
