using System.Diagnostics;
using System.Globalization;
using EseErp.Lab.Returns;
using EseErp.Launcher.Output;
using Spectre.Console;

namespace EseErp.Lab.Simulation;

/// <summary>Shows a simulation while it runs, and its totals: tables on a terminal, plain lines anywhere else.</summary>
internal static class SimulationScreen
{
    /// <summary>Shows what is read, again and again, until cancelled.</summary>
    public static Task FollowAsync(Func<CancellationToken, Task<Snapshot>> read, TimeSpan pause, CancellationToken until)
    {
        var clock = Stopwatch.StartNew();
        if (Console.IsOutputRedirected)
            return RepeatAsync(read, 2 * pause, snapshot => Screen.Line(Line(clock.Elapsed, snapshot)), until);
        return AnsiConsole.Live(new Text("")).StartAsync(
            live => RepeatAsync(read, pause, snapshot => live.UpdateTarget(Panel(clock.Elapsed, snapshot)), until));
    }

    public static void ShowTotals(Tally tally, int sent)
    {
        Screen.Line();
        Screen.Table(
            ["Client", "Answered", "Accepted", "Incomplete", "Declined", "Invalid", "No answer", "Settled", "Completed"],
            [
                .. tally.PerClient.Append(tally.AllClients).Select(client => (IReadOnlyList<string>)
                [
                    client.Of, $"{client.Answered}", $"{client.Accepted}", $"{client.Incomplete}", $"{client.Declined}", $"{client.Refused}",
                    $"{client.WithoutAnswer}", $"{client.Settled}", $"{client.Completed}",
                ]),
            ]);
        Screen.Line();
        Screen.Table(
            ["Mode", "Answered", "in full", "Settled", "Answer p50", "p95", "p99", "Settled p50", "p95", "p99"],
            [
                .. tally.PerMode.Select(mode => (IReadOnlyList<string>)
                [
                    mode.Of, $"{mode.Answered}", $"{mode.AnsweredInFull}", $"{mode.Settled}", .. Columns(mode.Latency), .. Columns(mode.Settle),
                ]),
            ]);
        Screen.Line($"(In full: the answer holds the decision. No percentiles of fewer than {Percentiles.Fewest} returns.)");
        Screen.Line();
        Screen.Table(
            ["Outcome", "Mode", "Returns"],
            [.. tally.PerOutcome.Select(each => (IReadOnlyList<string>)[each.Outcome, each.Mode, $"{each.Count}"])]);
        Screen.Line();
        Screen.Line($"{sent} filed: {Answers(tally.AllClients, sent)}.");
    }

    // 20 accepted, 30 incomplete, 1 invalid: what there is none of is left out.
    private static string Answers(Totals all, int sent)
    {
        (int Count, string What)[] answers =
        [
            (all.Accepted, "accepted"), (all.Incomplete, "incomplete"), (all.Declined, "declined"), (all.Refused, "invalid"),
            (all.WithoutAnswer, "without an answer"), (sent - all.Answered, "still waiting"),
        ];
        return string.Join(", ", answers.Where(each => each.Count > 0).Select(each => $"{each.Count} {each.What}").DefaultIfEmpty("none"));
    }

    private static async Task RepeatAsync(
        Func<CancellationToken, Task<Snapshot>> read, TimeSpan pause, Action<Snapshot> show, CancellationToken until)
    {
        while (!until.IsCancellationRequested)
        {
            await Task.Delay(pause, until).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                show(await read(until));
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private static Table Panel(TimeSpan elapsed, Snapshot now)
    {
        var table = new Table { Border = TableBorder.Rounded, Title = new TableTitle(Screen.Clock(elapsed)) };
        foreach (var header in (string[])["Filed", "Accepted", "Rejected", "Settled", "Completed", "In flight", "Answer of", "p50", "p95", "p99"])
            table.AddColumn(new TableColumn(header).RightAligned());
        string[] counts = [$"{now.Filed}", $"{now.Accepted}", $"{now.Rejected}", $"{now.Settled}", $"{now.Completed}", $"{now.InFlight}"];
        foreach (var (mode, latency) in now.Latency.DefaultIfEmpty(("", Percentiles.None)))
        {
            table.AddRow([.. counts, mode, .. Columns(latency)]);
            counts = ["", "", "", "", "", ""];
        }

        table.Caption = new TableTitle("lag: " + Lag(now));
        return table;
    }

    private static string Line(TimeSpan elapsed, Snapshot now) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Screen.Clock(elapsed)}  filed {now.Filed}, accepted {now.Accepted}, rejected {now.Rejected}, settled {now.Settled}, completed {now.Completed}, in flight {now.InFlight}; {string.Join("; ", now.Latency.Select(each => $"{each.Mode} p50, p95, p99 {string.Join(", ", Columns(each.Latency))}"))}; lag {Lag(now)}");

    private static string[] Columns(Percentiles percentiles) => percentiles.IsOfEnough
        ? [Milliseconds(percentiles.P50), Milliseconds(percentiles.P95), Milliseconds(percentiles.P99)]
        : ["too few", "too few", "too few"];

    private static string Lag(Snapshot now) =>
        string.Join(", ", now.Lag.Select(team => $"{team.Key} {(team.Value is { } known ? known.ToString(CultureInfo.InvariantCulture) : "?")}"));

    internal static string Milliseconds(double milliseconds) => milliseconds switch
    {
        0 => "–",
        < 10 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0.0} ms"),
        < 10_000 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:0} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000:0.0} s"),
    };
}
