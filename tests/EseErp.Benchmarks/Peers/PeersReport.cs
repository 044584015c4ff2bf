namespace EseErp.Benchmarks;

/// <summary>The comparison as a table, and for each peer whether this project is ahead of it.</summary>
internal static class PeersReport
{
    public static void Show(PeersBenchmark benchmark, Action<IReadOnlyList<string>, IReadOnlyList<IReadOnlyList<string>>> table)
    {
        var results = benchmark.Results;
        var ours = results.FirstOrDefault(result => result.Way.IsOurs);
        if (results.Count > 0) table(PeerResult.Headers, [.. results.Select(result => result.Row(ours))]);
        foreach (var line in Verdicts(results)) Console.WriteLine(line);
        Console.WriteLine();
        foreach (var result in results) Console.WriteLine($"{result.Way.Name}: {result.Settings}.");
        foreach (var result in results.Where(result => result.Rounds.Any(round => round.Undisturbed is not { Lost: 0, Doubled: 0 })))
            Console.WriteLine($"{result.Way.Name} lost or doubled rows before anything was killed: {string.Join(", ", result.Rounds.Select(round => round.Undisturbed))}.");
        foreach (var (way, why) in benchmark.Failed) Console.WriteLine($"{way} failed: {why}");
        Console.WriteLine("cpu: the team's process + PostgreSQL; lost/doubled: requests without and with more than one, all kills together.");
    }

    public static object ForFile(PeersBenchmark benchmark) => new
    {
        ways = benchmark.Results.Select(result => new
        {
            result.Way.Key, result.Way.Name, result.Settings, result.PerSecond, result.P50, result.P95, result.P99, result.CpuMs, exactlyOnce = result.KeepsTheGuarantee, result.Rounds,
        }),
        verdicts = Verdicts(benchmark.Results),
        benchmark.Failed,
    };

    private static List<string> Verdicts(IReadOnlyList<PeerResult> results)
    {
        if (results.FirstOrDefault(result => result.Way.IsOurs) is not { } ours) return [];
        return [.. results.Where(result => result.Way.IsForeign).Select(peer =>
            $"{(peer.KeepsTheGuarantee ? "" : "(not exactly once) ")}{ours.Way.Name} beside {peer.Way.Name}: "
            + $"full queue {Ahead(ours.PerSecond >= peer.PerSecond)} ({Figure.Show(ours.PerSecond / peer.PerSecond)} times its rate); "
            + $"one by one p50 {Ahead(ours.P50 <= peer.P50)}, p99 {Ahead(ours.P99 <= peer.P99)}, processor time {Ahead(ours.CpuMs <= peer.CpuMs)}.")];
    }

    private static string Ahead(bool isAhead) => isAhead ? "ahead" : "BEHIND";
}
