namespace EseErp.Benchmarks;

/// <summary>How settled returns per second change with replicas of a team, and with a longer history.</summary>
internal sealed class ScaleBenchmark(string broker, Extent extent, Action<string> report)
{
    private const string Team = "sales";
    private static readonly int[] Replicas = [1, 2, 4];

    // A history of one round is what the others are multiples of.
    private readonly Extent _round = extent with { Rounds = Math.Min(2, extent.Rounds), Returns = Math.Min(2_000, extent.Returns) };

    public async Task<IReadOnlyList<Figure>> Run(CancellationToken cancellationToken)
    {
        var figures = new List<Figure>();
        await using (var system = NewSystem())
        {
            await system.Start(report, cancellationToken);
            foreach (var replicas in Replicas)
            {
                while (system.Running.Count(name => name.StartsWith(Team, StringComparison.Ordinal)) is var running && running < replicas)
                {
                    await system.Processes.StartReplicaAsync(Team, $"{Team}-{running + 1}", 10 + running, cancellationToken);
                    system.Running.Add($"{Team}-{running + 1}");
                }

                figures.Add(await Measure(system, $"settled returns, {replicas} × {Team}", cancellationToken));
            }
        }

        await using (var system = NewSystem())
        {
            await system.Start(report, cancellationToken);
            var base1 = await Measure(system, "settled returns, history × 1", cancellationToken);
            figures.Add(base1);
            var copied = 0;
            foreach (var times in extent.Histories)
            {
                // A measurement is three rounds, and the copies are of all that was filed.
                var wanted = times - 1 - copied;
                await History.Copy(system, copied + 1, wanted, report, cancellationToken);
                copied += wanted;
                var figure = await Measure(system, $"settled returns, history × {times}", cancellationToken);
                figures.Add(figure with { Remark = $"{Figure.Show(figure.Value / base1.Value)} of that with × 1; {figure.Remark}" });
            }
        }

        return figures;
    }

    private SystemUnderTest NewSystem() => new(broker, _round.Returns * (_round.Rounds + 1) * 4);

    private async Task<Figure> Measure(SystemUnderTest system, string what, CancellationToken cancellationToken)
    {
        var benchmark = new SettledBenchmark(system, _round, report);
        await benchmark.RunEventMode(twin: false, cancellationToken);
        var figure = benchmark.Figures(null).First();
        var filed = await system.Ask<long>("ese_tracking", "select count(*) from returns");
        return figure with { What = what, Target = null, Remark = $"{filed:N0} returns in Tracking then" };
    }
}
