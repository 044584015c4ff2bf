using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json;
using EseErp.Benchmarks;
using EseErp.Launcher;
using EseErp.Messaging.Kafka;
using Spectre.Console;

var what = new Argument<string>("what") { Description = "relay, pump, registry or all", DefaultValueFactory = _ => "all" };
what.AcceptOnlyFromAmong("relay", "pump", "registry", "all");
var broker = new Option<string>("--broker") { Description = "postgres, kafka or all", DefaultValueFactory = _ => "all" };
broker.AcceptOnlyFromAmong("postgres", "kafka", "all");
var messages = new Option<int>("--messages") { Description = "Messages per round", DefaultValueFactory = _ => 20_000 };
var rounds = new Option<int>("--rounds") { Description = "Rounds that count; one more goes before them", DefaultValueFactory = _ => 5 };
var file = new Option<string?>("--json") { Description = "Also write the figures to this file" };
foreach (var number in new[] { messages, rounds })
    number.Validators.Add(given =>
    {
        if (given.GetValueOrDefault<int>() < 1) given.AddError($"{number.Name} must be 1 or more.");
    });

var root = new RootCommand("Throughput of the relay and the pump, each beside a twin that does the same work without the library, and of reading a long history beside a short one.") { what, broker, messages, rounds, file };
root.SetAction(async (parsed, cancellationToken) =>
{
    var (chosen, engine) = (parsed.GetValue(what)!, parsed.GetValue(broker)!);
    await using var servers = await Servers.Start(Console.WriteLine, cancellationToken);
    var results = new List<Measurement>();
    foreach (var name in new[] { "postgres", "kafka" }.Where(name => chosen == "registry" ? name == "postgres" : engine == "all" || engine == name))
    {
        await using IEngine started = name == "postgres" ? new PostgresEngine(servers) : await KafkaEngine.Start();
        var setting = new Setting(servers, started);
        foreach (var benchmark in Benchmarks(setting, chosen, parsed.GetValue(messages)))
        {
            await using var one = benchmark;
            results.Add(await Measurement.Take(setting, one, parsed.GetValue(rounds), Console.WriteLine, cancellationToken));
        }
    }

    await Report(await servers.Describe(), results, parsed.GetValue(file));
    return 0;
});

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
NativeKafka.Register();
try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false }, stop.Token);
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 130;
}
catch (LauncherException failure)
{
    Console.Error.WriteLine(failure.Message);
    return 1;
}

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}

static IEnumerable<IBenchmark> Benchmarks(Setting setting, string what, int messages)
{
    if (what is "relay" or "all") yield return new RelayBenchmark(setting, messages);
    // The broker has no part in it.
    if (what is "registry" or "all" && setting.Engine is PostgresEngine)
    {
        yield return new RegistryBenchmark(setting, Math.Max(1, messages / 10), asOf: false);
        yield return new RegistryBenchmark(setting, Math.Max(1, messages / 10), asOf: true);
    }

    if (what is not ("pump" or "all")) yield break;
    yield return new PumpBenchmark(setting, messages);
    yield return new PumpBenchmark(setting, Math.Max(1, messages / 20), batchSize: 1);
}

static async Task Report(IReadOnlyDictionary<string, string> machine, List<Measurement> results, string? file)
{
    string[] headers = ["engine", "what", "messages/s", "raw twin", "ratio", "target", "cpu here, ours / raw"];
    var rows = results.Select(result => result.Row()).ToList();
    Console.WriteLine();
    if (Console.IsOutputRedirected)
    {
        var widths = headers.Select((header, column) => rows.Select(row => row[column].Length).Append(header.Length).Max()).ToList();
        foreach (var row in rows.Prepend(headers)) Console.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }
    else
    {
        var table = new Table { Border = TableBorder.Rounded };
        foreach (var header in headers) table.AddColumn(header);
        foreach (var row in rows) table.AddRow(row.Select(Markup.Escape).ToArray());
        AnsiConsole.Write(table);
    }

    Console.WriteLine($"Medians; {string.Join(", ", machine.Select(fact => $"{fact.Key} {fact.Value}"))}.");
    if (file is not null) await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new { machine, results }, JsonSerializerOptions.Web));
}
