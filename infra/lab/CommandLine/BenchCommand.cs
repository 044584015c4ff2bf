using System.CommandLine;
using System.Diagnostics;
using EseErp.Launcher;
using EseErp.Launcher.CommandLine;
using EseErp.Launcher.Kafka;
using EseErp.Launcher.Output;
using EseErp.Launcher.Postgres;
using EseErp.Launcher.Supervision;

namespace EseErp.Lab.CommandLine;

/// <summary><c>./ese bench settled --broker postgres</c>: hands over to <c>tests/EseErp.Benchmarks</c>, which brings its own servers.</summary>
internal static class BenchCommand
{
    private static readonly TimeSpan s_stopLimit = TimeSpan.FromSeconds(30);

    public static Command Create()
    {
        var what = new Argument<string>("what") { Description = "relay, pump, log, registry (parts); event, traditional, settled, latency, rate, idle, start, scale, notice (the whole system); peers (the same work done by other libraries); or all, without notice and peers", DefaultValueFactory = _ => "all" };
        var broker = new Option<string>("--broker") { Description = "postgres, kafka or all", DefaultValueFactory = _ => "all" };
        var quick = new Option<bool>("--quick") { Description = "Fewer and shorter rounds" };
        var returns = new Option<int?>("--returns") { Description = "Returns per round of settled" }.Between(1, 50_000);
        var messages = new Option<int?>("--messages") { Description = "Messages per round of the parts, and of peers" }.Between(1, 100_000_000);
        var rounds = new Option<int?>("--rounds") { Description = "Rounds that count" }.Between(1, 1_000);
        var only = new Option<string[]>("--only") { Description = "With peers: only these, such as ours and wolverine", AllowMultipleArgumentsPerToken = true };
        var json = new Option<string?>("--json") { Description = "Also write the figures to this file" };
        // Before Kafka is fetched for it.
        what.AcceptOnlyFromAmong("relay", "pump", "log", "registry", "event", "traditional", "settled", "latency", "rate", "idle", "start", "scale", "notice", "peers", "all");
        broker.AcceptOnlyFromAmong("postgres", "kafka", "all");
        var command = new Command("bench", "Measure the whole system and its parts beside twins that do the same work with plain drivers, with a target for each figure")
        {
            what, broker, quick, returns, messages, rounds, only, json,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            List<string> arguments = [parsed.GetValue(what)!, "--broker", parsed.GetValue(broker)!];
            if (parsed.GetValue(quick)) arguments.Add("--quick");
            if (parsed.GetValue(returns) is { } filed) arguments.AddRange(["--returns", $"{filed}"]);
            if (parsed.GetValue(messages) is { } count) arguments.AddRange(["--messages", $"{count}"]);
            if (parsed.GetValue(rounds) is { } times) arguments.AddRange(["--rounds", $"{times}"]);
            foreach (var way in parsed.GetValue(only) ?? []) arguments.AddRange(["--only", way]);
            if (parsed.GetValue(json) is { } file) arguments.AddRange(["--json", Path.GetFullPath(file)]);
            var needsKafka = parsed.GetValue(what) is not ("registry" or "log" or "rate" or "scale" or "peers") && parsed.GetValue(broker) != "postgres" && Checkout.KafkaBootstrapServers is null;
            return RunAsync(arguments, needsKafka, needsPeers: parsed.GetValue(what) is "peers", cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(List<string> arguments, bool needsKafka, bool needsPeers, CancellationToken cancellationToken)
    {
        await Prerequisites.EnsurePostgresAsync(Checkout.WorkDirectory, Screen.Line, cancellationToken);
        if (needsKafka)
        {
            await KafkaPrerequisites.EnsureJavaAsync(Checkout.WorkDirectory, Screen.Line, cancellationToken);
            await KafkaPrerequisites.EnsureLibrariesAsync(Checkout.WorkDirectory, Screen.Line, cancellationToken);
        }

        if (needsPeers) await BuildPeersAsync(cancellationToken);
        var program = Path.Combine(Checkout.Root, "tests", "EseErp.Benchmarks", Checkout.BuiltInto, "EseErp.Benchmarks.dll");
        // On the same terminal, so that it shows its progress itself.
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [program, .. arguments]) { UseShellExecute = false })
            ?? throw new LauncherException("The benchmarks could not be started.");
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C has reached it already; a request to end has not. It stops its servers first.
            if (ProcessIdentity.Of(process.Id) is { } identity && !process.HasExited)
                await identity.EndAsync(Signals.Interrupt, s_stopLimit);
            throw;
        }

        return process.ExitCode;
    }

    // Not in the solution, so that nobody else has to fetch and build other people's libraries. What it refers to is built already.
    private static async Task BuildPeersAsync(CancellationToken cancellationToken)
    {
        Screen.Line("Building the peers; the first time this downloads their packages…");
        var built = await SystemCommand.RunAsync(
            [
                Environment.ProcessPath!, "build", Path.Combine(Checkout.Root, "tests", "EseErp.Benchmarks.Peers"), "-c", Checkout.Configuration, "-nologo", "-v", "quiet", "-nodeReuse:false",
                "-p:BuildProjectReferences=false", "-p:UseSharedCompilation=false", "-clp:ErrorsOnly;NoSummary",
            ],
            workingDirectory: Checkout.Root,
            cancellationToken: cancellationToken);
        if (!built.Succeeded) throw new LauncherException($"The peers could not be built:\n{built.Output}");
    }
}
