namespace EseErp.Benchmarks;

/// <summary>
/// The same work done by this project and by others, each in processes of its own on one PostgreSQL, in turns. What it is
/// and what each is set to is in docs/performance.md.
/// </summary>
internal sealed class PeersBenchmark(PeersExtent extent, IReadOnlyList<string> chosen, Action<string> report)
{
    private readonly Dictionary<string, List<PeerRound>> _rounds = [];
    private readonly Dictionary<string, string> _settings = [];

    public IReadOnlyDictionary<string, string> Machine { get; private set; } = new Dictionary<string, string>();

    /// <summary>Ways that could not do it, and why.</summary>
    public Dictionary<string, string> Failed { get; } = [];

    public IReadOnlyList<PeerResult> Results =>
        [.. PeerCatalogue.All.Where(way => _rounds.ContainsKey(way.Key)).Select(way => new PeerResult(way, _settings[way.Key], _rounds[way.Key]))];

    public async Task Run(CancellationToken cancellationToken)
    {
        var ways = PeerCatalogue.All.Where(way => chosen.Count == 0 || chosen.Contains(way.Key)).ToList();
        await using var server = await PeerServer.Start(report, cancellationToken);
        Machine = new Dictionary<string, string>(await server.Describe(cancellationToken)) { ["load at the start"] = ProcessFigures.Load() };
        for (var round = 0; round < extent.Rounds; round++)
        {
            // Another one begins each round.
            foreach (var way in ways.Skip(round % ways.Count).Concat(ways.Take(round % ways.Count)))
            {
                if (Failed.ContainsKey(way.Key)) continue;
                try
                {
                    await Measure(server, way, round, cancellationToken);
                }
                catch (Exception failure) when (failure is InvalidOperationException or KeyNotFoundException or Npgsql.NpgsqlException or IOException)
                {
                    // The others are measured all the same.
                    Failed[way.Key] = failure.Message;
                    report($"{way.Name}: {failure.Message}");
                }
            }
        }
    }

    private async Task Measure(PeerServer server, PeerWay way, int round, CancellationToken cancellationToken)
    {
        await using var trial = new PeerTrial(server, way, extent, round);
        var measured = await trial.Run(cancellationToken);
        _settings[way.Key] = trial.Settings;
        if (!_rounds.TryGetValue(way.Key, out var rounds)) _rounds[way.Key] = rounds = [];
        rounds.Add(measured);
        var kill = measured.Kill;
        report(
            $"round {round + 1} of {extent.Rounds}, load {ProcessFigures.Load()}: {way.Name}: {Figure.Show(measured.PerSecond)}/s from a full queue; one by one {measured.Latency}; "
            + $"killed: rows {kill.Rows}, facts {kill.Facts}, published {kill.Published?.ToString() ?? "gone"} lost/doubled");
    }
}
