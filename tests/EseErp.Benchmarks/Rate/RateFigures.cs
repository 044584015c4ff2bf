using System.Globalization;

namespace EseErp.Benchmarks;

/// <summary>The figures of <see cref="RateBenchmark"/>, medians of the rounds, beside what is wanted of them.</summary>
internal static class RateFigures
{
    private const string Twin = "raw twin";

    private static readonly string Ours = RatedSystem.NameOf("event");
    private static readonly string Waited = RatedSystem.NameOf("traditional");

    public static IEnumerable<Figure> Of(string broker, RateBenchmark measured)
    {
        var (rounds, highest) = (measured.Rounds, measured.Highest);
        foreach (var rate in rounds.GroupBy(round => round.Step.Rate).OrderBy(rate => rate.Key))
        {
            var (ours, twin) = (rate.Where(round => round.Of == Ours).ToList(), rate.Where(round => round.Of == Twin).ToList());
            foreach (var mode in rate.GroupBy(round => round.Of))
                foreach (var figure in AtRate(broker, rate.Key, $"{mode.Key}, ", [.. mode], Targets(mode.Key, rate.Key))) yield return figure;
            if (ours.Count > 0 && twin.Count > 0)
                yield return new Figure(
                    broker, $"at {rate.Key}/s: the twin's processor time, of ours", Middle(twin, round => round.Cost.CpuMs) / Middle(ours, round => round.Cost.CpuMs), "");
        }

        foreach (var (of, perSecond) in measured.Whole)
            yield return new Figure(broker, $"{of}: whole returns a second, 16 clients", perSecond, "/s", of == Waited ? Target.Least(80) : null);
        foreach (var rate in highest)
            yield return new Figure(
                broker, $"highest rate, {rate.Of}", rate.Rate, "/s", rate.Of == Ours ? Target.Least(200) : null,
                (rate.IsBound ? "" : "and perhaps more: no higher rate was tried; ")
                + string.Join("; ", rate.Steps.Where(step => !step.IsCarried).Select(step => $"at {step.Rate}/s {step.Failure}")));
        if (highest is [_, { Of: Twin, Rate: > 0 }])
            yield return new Figure(broker, "highest rate, of the twin's", (double)highest[0].Rate / highest[1].Rate, "", Target.Least(0.4));
    }

    private static RateTargets Targets(string of, int rate) => (rate, of == Ours, of == Waited) switch
    {
        (5, _, true) => new RateTargets { PostP50 = Target.Most(25) },
        (20, _, true) => new RateTargets { Cpu = Target.Most(30) },
        (20, true, _) => new RateTargets { Cpu = Target.Most(25), SettleP50 = Target.Most(60), SettleP99 = Target.Most(200) },
        (50, true, _) => new RateTargets { PostP50 = Target.Most(5), PostP99 = Target.Most(25) },
        _ => new RateTargets(),
    };

    private static IEnumerable<Figure> AtRate(string broker, int rate, string whose, List<RateRound> rounds, RateTargets targets)
    {
        if (rounds.Count == 0) yield break;
        var at = $"at {rate}/s: {whose}";
        yield return One("processor time a return", "ms", round => round.Cost.CpuMs, targets.Cpu, string.Create(
            CultureInfo.InvariantCulture,
            $"services {Middle(rounds, round => round.Cost.ServicesMs):0.0} ms, PostgreSQL {Middle(rounds, round => round.Cost.PostgresMs):0.0} ms; idle use taken off: {100 * Middle(rounds, round => round.Cost.IdleCores):0.0} % of a core"));
        yield return One("POST /returns, p50", "ms", round => round.Step.Post.P50, targets.PostP50);
        yield return One("POST /returns, p95", "ms", round => round.Step.Post.P95);
        yield return One("POST /returns, p99", "ms", round => round.Step.Post.P99, targets.PostP99);
        yield return One("time to settle, p50", "ms", round => round.Step.Settle.P50, targets.SettleP50);
        yield return One("time to settle, p95", "ms", round => round.Step.Settle.P95);
        yield return One("time to settle, p99", "ms", round => round.Step.Settle.P99, targets.SettleP99, Failure());
        yield return One("commits a return", "", round => round.Cost.AllCommits, null, string.Join(", ", rounds[0].Cost.Commits.Keys.Order(StringComparer.Ordinal)
            .Select(database => $"{database} {Figure.Show(Middle(rounds, round => round.Cost.Commits[database]))}").Append("those that only read among them")));
        yield return One("commits a return that wrote", "", round => round.Cost.Writes);
        yield return One("commits of the broker a return", "", round => round.Cost.BrokerCommits);
        if (rounds.All(round => round.Cost.Statements is not null))
            yield return One("statements a return", "", round => round.Cost.Statements!.Value, null, "begin and commit among them");

        Figure One(string what, string unit, Func<RateRound, double> figure, Target? target = null, string remark = "") =>
            new(broker, at + what, Middle(rounds, figure), unit, target, remark);

        string Failure() => string.Join("; ", rounds.Where(round => !round.Step.IsCarried).Select(round => $"round {round.Round}: {round.Step.Failure}"));
    }

    private static double Middle(IEnumerable<RateRound> rounds, Func<RateRound, double> figure) => Figure.Middle(rounds.Select(figure));

    private sealed record RateTargets
    {
        public Target? Cpu { get; init; }

        public Target? PostP50 { get; init; }

        public Target? PostP99 { get; init; }

        public Target? SettleP50 { get; init; }

        public Target? SettleP99 { get; init; }
    }
}
