using System.CommandLine;
using System.Runtime.InteropServices;
using EseErp.Benchmarks;
using EseErp.Launcher;

// The benchmark of single returns starts this program again as its twin.
if (args is [RawTwinProcess.Command]) return await RawTwinProcess.Run();
// And the comparison with peers starts each way to do the work in a process of its own.
if (args is [PeerWorker.Command, var way]) return await PeerWorker.Run(way, PeerCatalogue.Here);

string[] parts = ["relay", "pump", "log", "registry"];
string[] ofTheSystem = ["event", "traditional", "settled", "latency", "rate", "idle", "start", "scale", "notice"];
string[] beside = ["peers"];
var what = new Argument<string>("what") { Description = "relay, pump, log, registry, event, traditional, settled, latency, rate, idle, start, scale, notice, peers or all (without notice and peers)", DefaultValueFactory = _ => "all" };
what.AcceptOnlyFromAmong([.. parts, .. ofTheSystem, .. beside, "all"]);
var broker = new Option<string>("--broker") { Description = "postgres, kafka or all", DefaultValueFactory = _ => "all" };
broker.AcceptOnlyFromAmong("postgres", "kafka", "all");
var quick = new Option<bool>("--quick") { Description = "Fewer and shorter rounds: minutes instead of half an hour" };
var messages = new Option<int?>("--messages") { Description = "Messages per round of relay, pump and log (20,000; quick: 10,000) and of peers (10,000; quick: 2,000)" };
var returns = new Option<int?>("--returns") { Description = "Returns per round of settled (5,000; quick: 1,500)" };
var rounds = new Option<int?>("--rounds") { Description = "Rounds that count, after one that warms up (5; quick: 2), except with rate and peers (3; quick: 1) and notice (10; quick: 2)" };
var ways = new Option<string[]>("--only") { Description = "With peers: only these libraries", AllowMultipleArgumentsPerToken = true };
ways.AcceptOnlyFromAmong([.. PeerCatalogue.All.Select(way => way.Key)]);
var file = new Option<string?>("--json") { Description = "Also write the figures to this file" };
foreach (var number in new[] { messages, returns, rounds })
    number.Validators.Add(given =>
    {
        if (given.GetValueOrDefault<int?>() < 1) given.AddError($"{number.Name} must be 1 or more.");
    });

var root = new RootCommand("Measures the system and its parts beside twins that do the same work with plain drivers, with a target for each figure.")
{
    what, broker, quick, messages, returns, rounds, ways, file,
};
root.SetAction(async (parsed, cancellationToken) =>
{
    var (chosen, engine) = (parsed.GetValue(what)!, parsed.GetValue(broker)!);
    var preset = parsed.GetValue(quick) ? Extent.Quick : Extent.Full;
    var extent = preset with { Returns = parsed.GetValue(returns) ?? preset.Returns, Rounds = parsed.GetValue(rounds) ?? preset.Rounds };
    extent = extent with
    {
        Rate = preset.Rate with { Rounds = parsed.GetValue(rounds) ?? preset.Rate.Rounds },
        Notice = preset.Notice with { Rounds = parsed.GetValue(rounds) ?? preset.Notice.Rounds },
    };
    var report = new Report(extent);
    try
    {
        if (chosen == "peers")
        {
            var size = parsed.GetValue(quick) ? PeersExtent.Quick : PeersExtent.Full;
            report.Peers = new PeersBenchmark(size.With(parsed.GetValue(messages), parsed.GetValue(rounds)), parsed.GetValue(ways) ?? [], Console.WriteLine);
            await report.Peers.Run(cancellationToken);
            return report.Peers.Failed.Count == 0 ? 0 : 1;
        }

        await Measure(report, chosen, engine, extent, parsed.GetValue(messages) ?? (parsed.GetValue(quick) ? 10_000 : 20_000), cancellationToken);
        return 0;
    }
    finally
    {
        // What was measured before something failed or was interrupted is shown as well.
        if (report.HasFigures)
        {
            report.Show();
            if (parsed.GetValue(file) is { } path) await report.Write(path);
        }
    }
});

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false }, stop.Token);
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 130;
}
catch (Exception failure) when (failure is LauncherException or InvalidOperationException or Npgsql.NpgsqlException or HttpRequestException)
{
    Console.Error.WriteLine(failure.Message);
    return 1;
}

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}

async Task Measure(Report report, string chosen, string engine, Extent extent, int messages, CancellationToken cancellationToken)
{
    var engines = new[] { "postgres", "kafka" }.Where(name => engine == "all" || engine == name).ToList();
    foreach (var name in ofTheSystem.Contains(chosen) || chosen == "all" ? engines : [])
    {
        var run = new EndToEndRun(name, chosen, extent, Console.WriteLine);
        report.Runs.Add(run);
        await run.Run(cancellationToken);
    }

    if (ofTheSystem.Contains(chosen)) return;
    await using var servers = await Servers.Start(Console.WriteLine, cancellationToken);
    report.Machine = await servers.Describe();
    foreach (var name in chosen is "registry" or "log" ? ["postgres"] : engines)
    {
        await using IEngine started = name == "postgres" ? new PostgresEngine(servers) : await KafkaEngine.Start();
        var setting = new Setting(servers, started);
        foreach (var benchmark in Benchmarks(setting, chosen, messages))
        {
            await using var one = benchmark;
            report.Parts.Add(await Measurement.Take(setting, one, extent.Rounds, Console.WriteLine, cancellationToken));
        }
    }
}

static IEnumerable<IBenchmark> Benchmarks(Setting setting, string what, int messages)
{
    if (what is "relay" or "all") yield return new RelayBenchmark(setting, messages);
    if (what is "pump" or "all")
    {
        yield return new PumpBenchmark(setting, messages);
        yield return new PumpBenchmark(setting, Math.Max(1, messages / 20), batchSize: 1);
    }

    // The broker has no part in the others.
    if (setting.Engine is not PostgresEngine) yield break;
    if (what is "log" or "all")
    {
        yield return new AppendBenchmark(setting, messages);
        yield return new LogReadBenchmark(setting, messages);
    }

    if (what is not ("registry" or "all")) yield break;
    yield return new RegistryBenchmark(setting, Math.Max(1, messages / 10), asOf: false);
    yield return new RegistryBenchmark(setting, Math.Max(1, messages / 10), asOf: true);
}
