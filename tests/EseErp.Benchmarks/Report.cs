using System.Text.Json;
using Spectre.Console;

namespace EseErp.Benchmarks;

/// <summary>All figures of one run, for the terminal and for a file.</summary>
internal sealed class Report(Extent extent)
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerOptions.Web) { WriteIndented = true };

    public List<EndToEndRun> Runs { get; } = [];

    public List<Measurement> Parts { get; } = [];

    /// <summary>What the parts ran on.</summary>
    public IReadOnlyDictionary<string, string> Machine { get; set; } = new Dictionary<string, string>();

    /// <summary>The comparison with others; null when it was not asked for.</summary>
    public PeersBenchmark? Peers { get; set; }

    public bool HasFigures => Parts.Count > 0 || Peers is not null || Runs.Any(run => run.Figures.Count > 0 || run.Noticed.Count > 0);

    public void Show()
    {
        var figures = Runs.SelectMany(run => run.Figures).ToList();
        if (figures.Count > 0) Show(Figure.Headers, figures.Select(figure => figure.Row()).ToList());
        foreach (var run in Runs.Where(run => run.Tables.Count > 0))
        {
            Console.WriteLine($"What one settled return leaves, broker {run.Figures[0].Broker}:");
            Show(
                ["database", "table", "rows", "bytes"],
                [.. run.Tables.Select(table => new[] { table.Database, table.Table, Figure.Show(table.Rows), Figure.Show(table.Bytes) })]);
        }

        foreach (var run in Runs.Where(run => run.Noticed.Count > 0))
        {
            Console.WriteLine("What was visible of each return during the trouble at Accounting:");
            Show(
                ["Accounting", "mode", "shown after", "as", "answer", "Tracking", "User Support", "ready", "lag", "settled after the end"],
                [.. run.Noticed.Select(seen => new[]
                {
                    seen.Cause, seen.Mode, seen.ShownAfter is { } after ? $"{Figure.Show(after / 1000)} s" : "–", seen.ShownAs ?? "–", $"{seen.Answer} after {Figure.Show(seen.AnsweredAfter / 1000)} s",
                    seen.Tracked, seen.UserSupport, seen.TeamReady switch { true => "yes", false => "no", null => "no answer" }, seen.Lag is { } lag ? $"{lag}" : "no answer", $"{Figure.Show(seen.MendedAfter / 1000)} s",
                })]);
        }

        if (Peers is not null) PeersReport.Show(Peers, Show);
        if (Parts.Count > 0)
            Show(["engine", "what", "messages/s", "raw twin", "ratio", "target", "cpu here, ours / raw"], Parts.ConvertAll(part => part.Row()));
        Console.WriteLine($"Rates and ratios are medians of the rounds; {string.Join(", ", On.Select(fact => $"{fact.Key} {fact.Value}"))}.");
    }

    public Task Write(string path) => File.WriteAllTextAsync(path, JsonSerializer.Serialize(
        new
        {
            at = DateTimeOffset.UtcNow,
            machine = On,
            extent,
            figures = Runs.SelectMany(run => run.Figures).Select(figure => new { figure.Broker, figure.What, figure.Value, figure.Unit, target = figure.Target?.ToString(), met = figure.IsMet, figure.Remark }),
            settled = Runs.Select(run => new { run.Rounds, run.Tables }),
            rate = Runs.Select(run => new { Rounds = run.Rates, run.Highest }),
            notice = Runs.SelectMany(run => run.Noticed),
            parts = Parts,
            peers = Peers is null ? null : PeersReport.ForFile(Peers),
        },
        Format));

    private IReadOnlyDictionary<string, string> On => Runs.Select(run => run.Machine).Append(Machine).Append(Peers?.Machine ?? Machine).FirstOrDefault(machine => machine.Count > 0)
        ?? new Dictionary<string, string> { ["cores"] = Environment.ProcessorCount.ToString(System.Globalization.CultureInfo.InvariantCulture) };

    private static void Show(IReadOnlyList<string> headers, IReadOnlyList<IReadOnlyList<string>> rows)
    {
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

        Console.WriteLine();
    }
}
