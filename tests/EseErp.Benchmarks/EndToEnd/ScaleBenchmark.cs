using System.Globalization;

namespace EseErp.Benchmarks;

/// <summary>How settled returns per second change with replicas of a team, and with a longer history.</summary>
internal sealed class ScaleBenchmark(Extent extent, Action<string> report)
{
    private const string Team = "sales";
    private static readonly int[] Replicas = [1, 2, 4];

    // A history of one round is what the others are multiples of.
    private readonly Extent _round = extent with { Rounds = Math.Min(2, extent.Rounds), Returns = Math.Min(2_000, extent.Returns) };

    /// <summary>What it ran on.</summary>
    public IReadOnlyDictionary<string, string> Machine { get; private set; } = new Dictionary<string, string>();

    public async Task<IReadOnlyList<Figure>> Run(CancellationToken cancellationToken)
    {
        var figures = new List<Figure>();
        await using (var system = NewSystem())
        {
            await system.Start(report, cancellationToken);
            Machine = await system.Describe(cancellationToken);
            await system.Sell(cancellationToken);
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
            await system.Sell(cancellationToken);
            var single = await Measure(system, "settled returns, history × 1", cancellationToken);
            figures.Add(single);
            var (own, all) = await Filed(system);
            var (history, copied) = (all, 0);
            foreach (var times in extent.Histories)
            {
                // What was filed since the first measurement counts as history too.
                (own, all) = await Filed(system);
                var copies = (int)Math.Max(1, ((history * times) - all) / own);
                await History.Copy(system, copied + 1, copies, report, cancellationToken);
                copied += copies;
                var figure = await Measure(system, $"settled returns, history × {times}", cancellationToken);
                figures.Add(figure with { Remark = $"{Figure.Show(figure.Value / single.Value)} of that with × 1; {figure.Remark}" });
            }
        }

        return figures;
    }

    private SystemUnderTest NewSystem() => new("postgres", _round.Returns * (_round.Rounds + 1) * 4);

    private async Task<Figure> Measure(SystemUnderTest system, string what, CancellationToken cancellationToken)
    {
        var benchmark = new SettledBenchmark(system, _round, report);
        await benchmark.RunEventMode(twin: false, cancellationToken);
        var figure = benchmark.Figures(null).First();
        var (_, all) = await Filed(system);
        return figure with { What = what, Target = null, Remark = string.Create(CultureInfo.InvariantCulture, $"{all:N0} returns in Tracking then; {figure.Remark}") };
    }

    private static async Task<(long Own, long All)> Filed(SystemUnderTest system) => (
        await system.Ask<long>("ese_tracking", $"select count(*) from returns where return_id not like '{History.Copies}'"),
        await system.Ask<long>("ese_tracking", "select count(*) from returns"));
}
