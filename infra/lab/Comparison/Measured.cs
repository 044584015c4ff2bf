using EseErp.Lab.Auditing;
using EseErp.Lab.Returns;

namespace EseErp.Lab.Comparison;

/// <summary>Which returns the final account found something wrong with.</summary>
internal sealed record Wrong(IReadOnlySet<string> Lost, IReadOnlySet<string> Doubled, IReadOnlySet<string> Inconsistent)
{
    /// <summary>Before the account is made.</summary>
    public static Wrong Nothing { get; } = new(new HashSet<string>(), new HashSet<string>(), new HashSet<string>());

    public static Wrong Of(AuditResult audit) =>
        new(audit.Of(FindingKind.Lost), audit.Of(FindingKind.Doubled), audit.Of(FindingKind.Inconsistent));
}

/// <summary>What one or more rounds of a scenario in one mode come to.</summary>
internal sealed class Measured
{
    /// <summary>Of fewer returns neither a percentile is said nor what one of them costs: it would be an accident.</summary>
    public const int Fewest = Percentiles.Fewest;

    private Measured(IReadOnlyList<Round> rounds, Wrong wrong)
    {
        var answered = rounds.SelectMany(round => round.Answered.Select(each => (Return: each, Progress: round.ProgressOf(each)))).ToList();
        var accepted = answered.Where(each => each.Return.Filed.IsAccepted && each.Return.Arrival.Planned.IsAcceptable).ToList();
        var settled = accepted.Where(each => each.Progress?.SettledAt is not null).ToList();
        var rejected = answered.Where(each => each.Return.Arrival.Planned.Fate == ReturnFate.Declined).ToList();
        Filed = answered.Count;
        Acceptable = answered.Count(each => each.Return.Arrival.Planned.IsAcceptable);
        Accepted = accepted.Count;
        IncompleteAtFirst = accepted.Count(each => each.Return.Filed.Answer == FilingAnswer.Incomplete);
        AnsweredInFull = answered.Count(each => each.Return.Filed.HoldsTheDecision);
        WithoutAnswer = answered.Count(each => each.Return.Filed.Answer == FilingAnswer.None);
        Latency = Latencies.Of(answered.Select(each => each.Return.Latency));
        Settled = settled.Count;
        Completed = accepted.Count(each => each.Progress?.CompletedAt is not null);
        Settle = Latencies.Of(settled.Select(each => each.Progress!.SettledAt!.Value - each.Return.DueAt));
        SettledAtAnswer = settled.Count(each => each.Progress!.SettledAt <= each.Return.AnsweredAt);
        Stale = Latencies.Of(settled.Select(each => Late(each.Progress!.SettledAt!.Value - each.Return.AnsweredAt)));
        Throughput = rounds.Average(SettledPerSecond);
        Declined = rejected.Count;
        DeclinedAtOnce = rejected.Count(each => each.Return.Filed.Answer == FilingAnswer.Declined);
        Rejection = Latencies.Of(rounds.SelectMany(round => round.Answered
            .Where(each => each.Filed.ReturnId is { } id && round.RejectedAt.ContainsKey(id))
            .Select(each => Late(round.RejectedAt[each.Filed.ReturnId!] - each.DueAt))));
        // Of a second return for one request only the device is known here.
        var known = answered.SelectMany(each => new[] { each.Return.Filed.ReturnId, each.Return.Filed.Planned.Device.SerialNumber }).OfType<string>().ToHashSet();
        (Lost, Doubled, Inconsistent) = (Count(wrong.Lost), Count(wrong.Doubled), Count(wrong.Inconsistent));
        Interventions = rounds.Sum(round => round.Interventions);
        Repeated = rounds.Sum(round => round.Repeated);
        Used = rounds.Select(round => round.Used).Aggregate((one, other) => one + other);
        CpuSeconds = rounds.All(round => round.CpuBeyondIdle is not null) ? rounds.Sum(round => round.CpuBeyondIdle) : null;
        Carried = rounds.All(round => round.Carried is not null) ? rounds.Average(round => round.Carried) : null;

        int Count(IReadOnlySet<string> bad) => bad.Count(known.Contains);
    }

    public int Filed { get; }

    /// <summary>Filed, and Sales must not decline them.</summary>
    public int Acceptable { get; }

    public int Accepted { get; }

    /// <summary>Accepted with the answer that a team was away.</summary>
    public int IncompleteAtFirst { get; }

    /// <summary>Filed, and the answer said what was decided: carried through all teams, or declined.</summary>
    public int AnsweredInFull { get; }

    public int WithoutAnswer { get; }

    /// <summary>From the moment a return was to be filed to its definite answer.</summary>
    public Percentiles Latency { get; }

    public int Settled { get; }

    public int Completed { get; }

    /// <summary>From the moment a return was to be filed to the fact that settled it.</summary>
    public Percentiles Settle { get; }

    /// <summary>Settled when the client got its answer: it can read at once what it wrote, at every team.</summary>
    public int SettledAtAnswer { get; }

    /// <summary>From the answer until every team knows; 0 where they knew before.</summary>
    public Percentiles Stale { get; }

    public double Throughput { get; }

    /// <summary>Filed, and Sales has to decline them.</summary>
    public int Declined { get; }

    public int DeclinedAtOnce { get; }

    /// <summary>From the moment a return was to be filed until Sales has declined it.</summary>
    public Percentiles Rejection { get; }

    public int Lost { get; }

    public int Doubled { get; }

    public int Inconsistent { get; }

    public long Interventions { get; }

    public int Repeated { get; }

    public Counters Used { get; }

    /// <summary>Beyond what the idle system uses in the same time.</summary>
    public double? CpuSeconds { get; }

    /// <summary>The highest rate that was carried, where one was searched for.</summary>
    public double? Carried { get; }

    public static Measured Of(IReadOnlyList<Round> rounds, Wrong wrong) => new(rounds, wrong);

    public static double? Share(int some, int all) => all == 0 ? null : 100.0 * some / all;

    /// <summary>Null when nothing was filed.</summary>
    public double? Per(double amount) => Filed == 0 ? null : amount / Filed;

    /// <summary>The same for what other work on the machine blurs: null for fewer than <see cref="Fewest"/> returns.</summary>
    public double? PerOfMany(double? amount) => Filed < Fewest || amount is not { } known ? null : known / Filed;

    private static TimeSpan Late(TimeSpan time) => time < TimeSpan.Zero ? TimeSpan.Zero : time;

    private static double SettledPerSecond(Round round)
    {
        var times = round.Answered.Select(each => (each.DueAt, round.ProgressOf(each)?.SettledAt)).Where(each => each.SettledAt is not null).ToList();
        return times.Count == 0 ? 0 : times.Count / (times.Max(each => each.SettledAt!.Value) - times.Min(each => each.DueAt)).TotalSeconds;
    }
}
