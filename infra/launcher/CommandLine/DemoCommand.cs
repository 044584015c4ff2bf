using System.CommandLine;
using System.Diagnostics;
using EseErp.Launcher.Api;
using EseErp.Launcher.Output;
using EseErp.Launcher.Supervision;

namespace EseErp.Launcher.CommandLine;

/// <summary><c>./ese demo</c>: a return in each mode, from nothing to closed.</summary>
internal static class DemoCommand
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private static readonly (string Team, string Title, string Path)[] s_documents =
    [
        ("sales", "Order refund request", "order-refund-requests"),
        ("inventory", "Shipment request", "shipment-requests"),
        ("manufacturing", "Disassembly order", "disassembly-orders"),
        ("accounting", "Asset disposal", "asset-disposals"),
    ];

    public static Command Create()
    {
        var options = new UpOptions();
        var exit = new Option<bool>("--exit") { Description = "End after the returns; exit code 0 only if all three finished" };
        var command = new Command("demo", "Start everything and file one return in each mode") { exit };
        options.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (SystemState.Running(Checkout.WorkDirectory) is { } running)
            {
                var broker = running.Kafka is null ? "postgres" : "kafka";
                if (parsed.GetResult(options.Broker) is { Implicit: false } && parsed.GetValue(options.Broker) != broker)
                    throw new LauncherException($"The running system uses --broker {broker}; end it with ./ese down first.");
                Screen.Line($"Using the running system (launcher {running.Launcher.Pid}).");
                await WaitUntilReadyAsync(cancellationToken);
                using var client = new EseClient(running.PortBase);
                if (!parsed.GetValue(options.NoSeed))
                    await DemoSeed.SeedIfNoneAsync(client, ServiceCatalog.All, cancellationToken);
                return await ShowAsync(client, cancellationToken);
            }

            return await UpCommand.RunAsync(
                options.Read(parsed),
                seed: !parsed.GetValue(options.NoSeed),
                async client =>
                {
                    var exitCode = await ShowAsync(client, cancellationToken);
                    if (!parsed.GetValue(exit))
                        UpCommand.ShowAddresses(client);
                    return exitCode;
                },
                staysUp: !parsed.GetValue(exit),
                cancellationToken);
        });
        return command;
    }

    private static async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        while (SystemState.Running(Checkout.WorkDirectory) is not { Phase: SystemPhase.Ready })
        {
            if (clock.Elapsed > s_limit)
                throw new LauncherException("The running system does not become ready; see ./ese status.");
            await Task.Delay(200, cancellationToken);
        }
    }

    private static async Task<int> ShowAsync(EseClient client, CancellationToken cancellationToken)
    {
        var finished = true;
        finished &= await ShowOneAsync(client, "event", "Event mode: User Support publishes one event; every team reacts on its own.", cancellationToken);
        finished &= await ShowOneAsync(client, "traditional", "Traditional mode: User Support calls the teams one after another.", cancellationToken);
        finished &= await ShowOneAsync(
            client, "traditional-async", "Traditional mode, answered at once: User Support calls the teams while nobody waits.", cancellationToken);
        Screen.Line();
        Screen.Line(finished ? "All three returns are finished." : "Not every return is finished; ./ese logs --return <id> shows why.");
        return finished ? 0 : 1;
    }

    private static async Task<bool> ShowOneAsync(EseClient client, string mode, string heading, CancellationToken cancellationToken)
    {
        Screen.Heading(heading);
        var request = await ReturnCommand.CompleteAsync(client, new Dictionary<string, string> { ["mode"] = mode }, cancellationToken);
        Screen.Line($"Returning {request["sku"]}, serial {request["serialNumber"]}, of order {request["orderId"]}.");
        var answer = await client.PostAsync("user-support", "returns", request, cancellationToken, TimeSpan.FromSeconds(60));
        ReturnView.Answer(answer);
        if (answer.Body.Text("returnId") is not { } returnId)
            return false;

        Screen.Line("Timeline");
        var outcome = await new ReturnFollower(client).FollowAsync(returnId, s_limit, ReturnView.Entry, cancellationToken);
        Screen.Line("Documents");
        foreach (var (team, title, path) in s_documents)
        {
            var document = await client.GetAsync(team, $"{path}/{returnId}", cancellationToken);
            ReturnView.Document($"{title} ({document.Address})", document.Body);
        }

        Screen.Line($"{returnId}: {outcome.Status}{(outcome.RanOutOfTime ? $" after {s_limit.TotalSeconds:0} s, not closed" : "")}");
        return answer.Succeeded && outcome.Finished;
    }
}
