using System.Globalization;

namespace EseErp.Benchmarks;

/// <summary>Messages per second of several rounds; each round measured both, one right after the other.</summary>
/// <param name="Cpu">Microseconds of this process's processor time per message; of the servers' it says nothing.</param>
internal sealed record Measurement(
    string Engine, string What, int Messages, IReadOnlyList<double> PerSecond, IReadOnlyList<double> RawPerSecond, IReadOnlyList<double> Cpu, IReadOnlyList<double> RawCpu)
{
    public const double Target = 0.5;

    public double Median => Middle(PerSecond);

    public double RawMedian => Middle(RawPerSecond);

    /// <summary>The median of the rounds' ratios: what slows the machine for a while slows both.</summary>
    public double Ratio => Middle(PerSecond.Zip(RawPerSecond, (ours, raw) => ours / raw));

    public IReadOnlyList<string> Row() =>
        [Engine, What, Whole(Median), Whole(RawMedian), Ratio.ToString("0.00", CultureInfo.InvariantCulture), $"≥ {Target.ToString(CultureInfo.InvariantCulture)}", $"{Whole(Middle(Cpu))} / {Whole(Middle(RawCpu))} µs"];

    /// <summary>Runs one round to warm up and then those that count, in turns.</summary>
    public static async Task<Measurement> Take(Setting setting, IBenchmark benchmark, int rounds, Action<string> report, CancellationToken cancellationToken)
    {
        await benchmark.Prepare(cancellationToken);
        var (ours, raw) = (new List<Run>(), new List<Run>());
        for (var round = 0; round <= rounds; round++)
        {
            Run mine, twins;
            // Whoever comes first may find the machine in another state.
            if (round % 2 == 0) (mine, twins) = (await Once(benchmark.Ours), await Once(benchmark.Twin));
            else (twins, mine) = (await Once(benchmark.Twin), await Once(benchmark.Ours));
            report($"{setting.Engine.Name}, {benchmark.Name}, {(round == 0 ? "warm-up" : $"round {round} of {rounds}")}: {Whole(PerSecond(mine))}/s, raw {Whole(PerSecond(twins))}/s");
            if (round == 0) continue;
            ours.Add(mine);
            raw.Add(twins);
        }

        return new Measurement(
            setting.Engine.Name, benchmark.Name, benchmark.Messages,
            ours.ConvertAll(PerSecond), raw.ConvertAll(PerSecond), ours.ConvertAll(CpuPerMessage), raw.ConvertAll(CpuPerMessage));

        async Task<Run> Once(Func<CancellationToken, Task<Run>> run)
        {
            await setting.Servers.Checkpoint();
            GC.Collect();
            return await run(cancellationToken);
        }

        double PerSecond(Run run) => benchmark.Messages / run.Elapsed.TotalSeconds;

        double CpuPerMessage(Run run) => run.Cpu.TotalMicroseconds / benchmark.Messages;
    }

    private static string Whole(double number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static double Middle(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}
