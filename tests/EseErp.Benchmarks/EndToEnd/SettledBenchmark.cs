using System.Globalization;

namespace EseErp.Benchmarks;

/// <summary>One round: the system, and its twin right after it with the rows of that very round.</summary>
internal sealed record SettledRound(
    double PerSecond, double? RawPerSecond, double ServicesCpu, double PostgresCpu, double Wal, double Transactions, double Rows, double Bytes, string Load);

/// <summary>
/// Returns settled per second with everything on this machine: from the first request to the moment Tracking's database shows
/// that all four teams have answered the last of them.
/// </summary>
internal sealed class SettledBenchmark(SystemUnderTest system, Extent extent, Action<string> report)
{
    public List<SettledRound> Rounds { get; } = [];

    public List<SettledRound> Traditional { get; } = [];

    /// <summary>What a round wrote, a line per table.</summary>
    public IReadOnlyList<TableShare> Tables { get; private set; } = [];

    public double PerSecond => Figure.Middle(Rounds.Select(round => round.PerSecond));

    /// <summary>How many returns are filed in all.</summary>
    public static int ReturnsOf(Extent extent) => (extent.Returns * (extent.Rounds + 1)) + (extent.Traditional * (extent.Rounds + 1));

    /// <summary>Event mode and its twin.</summary>
    public async Task RunEventMode(bool twin, CancellationToken cancellationToken)
    {
        using var load = new Load(system);
        for (var number = 0; number <= extent.Rounds; number++)
        {
            var spent = await load.EventMode(extent.Returns, cancellationToken);
            RowsWritten? rows = null;
            TimeSpan? raw = null;
            if (twin)
            {
                rows = await RowsWritten.Since(system, spent.FirstXid, cancellationToken);
                raw = await RawSystem.Run(system, rows, spent.Transactions, cancellationToken);
                Tables = [.. rows.Tables.Select(table => new TableShare(
                    table.Database, table.Table, (double)table.Rows.Count / extent.Returns, (double)table.Bytes / extent.Returns)).Where(table => table.Rows >= 0.01)];
            }

            Note(Rounds, "event mode", number, Round(extent.Returns, spent, raw, rows));
        }
    }

    /// <summary>Traditional mode, 16 clients that each wait for their answer.</summary>
    public async Task RunTraditional(CancellationToken cancellationToken)
    {
        using var load = new Load(system);
        for (var number = 0; number <= Math.Min(2, extent.Rounds); number++)
            Note(Traditional, "traditional mode", number, Round(extent.Traditional, await load.TraditionalMode(extent.Traditional, cancellationToken), null, null));
    }

    public IEnumerable<Figure> Figures(double? oneByOne)
    {
        if (Rounds.Count > 0) yield return new Figure(system.Broker, "settled returns", PerSecond, "/s", system.Broker == "postgres" ? Target.Least(3_000) : null, Cost(Rounds));
        if (Rounds.Count > 0 && Rounds.All(round => round.RawPerSecond is not null))
            yield return new Figure(
                system.Broker, "… of the raw twin", Figure.Middle(Rounds.Select(round => round.PerSecond / round.RawPerSecond!.Value)), "",
                // Of Kafka's records the twin writes none.
                system.Broker == "postgres" ? Target.Least(0.5) : null,
                string.Create(CultureInfo.InvariantCulture, $"the twin: {Middle(Rounds, round => round.RawPerSecond!.Value):N0}/s; {Middle(Rounds, round => round.Rows):0.0} rows and {Middle(Rounds, round => round.Bytes) / 1024:0.0} KiB a return"));
        if (oneByOne is { } single)
            yield return new Figure(system.Broker, "… times a transaction per message", PerSecond / single, "", Target.Least(10), $"that variant: {Figure.Show(single)}/s");
        if (Traditional.Count == 0) yield break;
        var traditional = Figure.Middle(Traditional.Select(round => round.PerSecond));
        yield return new Figure(system.Broker, "settled returns, traditional mode", traditional, "/s", null, Cost(Traditional));
        if (Rounds.Count > 0) yield return new Figure(system.Broker, "event mode times traditional mode", PerSecond / traditional, "", Target.Least(5));
    }

    private static string Cost(List<SettledRound> rounds) => string.Create(
        CultureInfo.InvariantCulture,
        $"processor time a return: services {Middle(rounds, round => round.ServicesCpu):0} µs, PostgreSQL {Middle(rounds, round => round.PostgresCpu):0} µs; {Middle(rounds, round => round.Wal) / 1024:0.0} KiB of WAL, {1000 * Middle(rounds, round => round.Transactions):0} writing transactions per 1,000");

    private static double Middle(List<SettledRound> rounds, Func<SettledRound, double> figure) => Figure.Middle(rounds.Select(figure));

    private void Note(List<SettledRound> rounds, string what, int number, SettledRound round)
    {
        var raw = round.RawPerSecond is { } twin ? $", raw {Figure.Show(twin)}/s ({Figure.Show(round.PerSecond / twin)})" : "";
        report(string.Create(
            CultureInfo.InvariantCulture,
            $"{system.Broker}, {what}, {(number == 0 ? "warm-up" : $"round {number}")}: {Figure.Show(round.PerSecond)}/s{raw}; services {round.ServicesCpu:0} µs, PostgreSQL {round.PostgresCpu:0} µs a return; load {round.Load}"));
        if (number > 0) rounds.Add(round);
    }

    private static SettledRound Round(int returns, Spent spent, TimeSpan? raw, RowsWritten? rows) => new(
        returns / spent.Elapsed.TotalSeconds,
        raw is { } twin ? returns / twin.TotalSeconds : null,
        spent.Services.TotalMicroseconds / returns,
        spent.Postgres.TotalMicroseconds / returns,
        (double)spent.Wal / returns,
        (double)spent.Transactions / returns,
        (double)(rows?.Tables.Sum(table => table.Rows.Count) ?? 0) / returns,
        (double)(rows?.Tables.Sum(table => table.Bytes) ?? 0) / returns,
        ProcessFigures.Load());
}

/// <summary>What one settled return leaves in a table.</summary>
internal sealed record TableShare(string Database, string Table, double Rows, double Bytes);
