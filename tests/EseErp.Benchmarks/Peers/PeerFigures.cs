namespace EseErp.Benchmarks;

/// <summary>How much is measured.</summary>
/// <param name="Messages">Requests that wait when the clock starts.</param>
/// <param name="WarmUp">Requests handled before that, in the same processes.</param>
/// <param name="WarmUpSeconds">And how long they come one by one before.</param>
/// <param name="Seconds">How long requests come one by one.</param>
/// <param name="Killed">Requests that wait when the process is killed amid them.</param>
internal sealed record PeersExtent(int Messages, int WarmUp, int WarmUpSeconds, int PerSecond, int Seconds, int Killed, int Rounds)
{
    public static PeersExtent Full { get; } = new(10_000, 3_000, 15, 50, 20, 3_000, 3);

    public static PeersExtent Quick { get; } = new(2_000, 1_000, 8, 50, 6, 1_000, 1);

    /// <summary>The same with other numbers, where some are given. Very few messages are enough for nothing but to see that it runs.</summary>
    public PeersExtent With(int? messages, int? rounds) => this with
    {
        Messages = messages ?? Messages,
        WarmUp = Math.Min(WarmUp, messages ?? WarmUp),
        Killed = Math.Min(Killed, messages ?? Killed),
        WarmUpSeconds = Math.Min(WarmUpSeconds, Math.Max(1, (messages ?? int.MaxValue) / PerSecond)),
        Seconds = Math.Min(Seconds, Math.Max(1, (messages ?? int.MaxValue) / PerSecond)),
        Rounds = rounds ?? Rounds,
    };
}

/// <summary>What there is of the requests filed: how many have none, and how many more than one.</summary>
internal sealed record Evidence(int Lost, int Doubled)
{
    public static Evidence Of(IReadOnlyDictionary<string, int> counts, int filed) =>
        new(filed - counts.Count, counts.Values.Count(count => count > 1));

    public static Evidence operator +(Evidence left, Evidence right) => new(left.Lost + right.Lost, left.Doubled + right.Doubled);

    public override string ToString() => $"{Lost}/{Doubled}";
}

/// <summary>What a kill -9 left, once another process had finished.</summary>
/// <param name="Published">Null where facts published go with the process.</param>
/// <param name="Seconds">From the kill until the last fact was published.</param>
internal sealed record PeerKill(int Filed, Evidence Rows, Evidence Facts, Evidence? Published, double Seconds)
{
    public bool IsExact => this is { Rows: { Lost: 0, Doubled: 0 }, Facts: { Lost: 0, Doubled: 0 }, Published: { Lost: 0, Doubled: 0 } };
}

/// <summary>One way, one round.</summary>
/// <param name="PerSecond">Requests of a full queue, until the last fact was published.</param>
/// <param name="BatchTeamMs">Milliseconds of the team's processor time a request then.</param>
/// <param name="BatchPostgresMs">Milliseconds of PostgreSQL's.</param>
/// <param name="Latency">One by one: from filing to the commit that publishes the fact.</param>
/// <param name="TeamMs">One by one: milliseconds of the team's processor time a request, with what it does meanwhile anyway.</param>
/// <param name="PostgresMs">Milliseconds of PostgreSQL's, with what filing takes.</param>
/// <param name="IdleCores">Cores in use by team and PostgreSQL when nothing comes.</param>
/// <param name="Undisturbed">What there was of all requests before the kill; anything but nothing is a failure of the measurement.</param>
internal sealed record PeerRound(
    string Way, int Round, double PerSecond, double BatchTeamMs, double BatchPostgresMs, Times Latency, double TeamMs, double PostgresMs, double IdleCores,
    Evidence Undisturbed, PeerKill Kill);

/// <summary>All rounds of one way.</summary>
internal sealed record PeerResult(PeerWay Way, string Settings, IReadOnlyList<PeerRound> Rounds)
{
    public static IReadOnlyList<string> Headers { get; } =
    [
        "way", "full queue, /s", "ours / it", "cpu a message", "one by one: p50, p95, p99", "cpu a message", "idle", "rows lost/doubled", "facts", "published", "back after", "exactly once",
    ];

    public double PerSecond => Middle(round => round.PerSecond);

    public double P50 => Middle(round => round.Latency.P50);

    public double P95 => Middle(round => round.Latency.P95);

    public double P99 => Middle(round => round.Latency.P99);

    public double CpuMs => Middle(round => round.TeamMs + round.PostgresMs);

    /// <summary>Nothing was lost or doubled by any kill.</summary>
    public bool KeepsTheGuarantee => Rounds.All(round => round.Kill.IsExact);

    public IReadOnlyList<string> Row(PeerResult? ours) =>
    [
        Way.Name,
        Figure.Show(PerSecond),
        ours is null || Way.IsOurs ? "" : Figure.Show(ours.PerSecond / PerSecond),
        $"{Figure.Show(Middle(round => round.BatchTeamMs))} + {Figure.Show(Middle(round => round.BatchPostgresMs))} ms",
        $"{Figure.Show(P50)}, {Figure.Show(P95)}, {Figure.Show(P99)} ms",
        $"{Figure.Show(Middle(round => round.TeamMs))} + {Figure.Show(Middle(round => round.PostgresMs))} ms",
        $"{100 * Middle(round => round.IdleCores):0.0} %",
        Sum(kill => kill.Rows),
        Sum(kill => kill.Facts),
        Rounds.Any(round => round.Kill.Published is null) ? "gone" : Sum(kill => kill.Published!),
        $"{Figure.Show(Middle(round => round.Kill.Seconds))} s",
        KeepsTheGuarantee ? "yes" : "no",
    ];

    private double Middle(Func<PeerRound, double> value) => Figure.Middle(Rounds.Select(value));

    private string Sum(Func<PeerKill, Evidence> value) => Rounds.Select(round => value(round.Kill)).Aggregate((left, right) => left + right).ToString();
}
