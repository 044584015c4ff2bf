using EseErp.Launcher;

namespace EseErp.Lab.Comparison;

/// <summary>At which of a comparison's rates returns arrive.</summary>
internal enum Load
{
    /// <summary>One that both cores stand while something is wrong.</summary>
    Usual,

    /// <summary>One that means something for what a return costs: see <see cref="ComparisonRates.Meaningful"/>.</summary>
    Meaningful,

    /// <summary>So slow that a cold system need not queue.</summary>
    Gentle,

    /// <summary>Higher and higher, until it is not carried any more.</summary>
    Rising,
}

/// <summary>One thing that happens to a system, the same in every mode.</summary>
/// <param name="Name">Short, for the command line and the file of predictions.</param>
/// <param name="Title">For people.</param>
/// <param name="What">What is done and when, for people.</param>
/// <param name="Window">How long returns arrive.</param>
/// <param name="Rounds">How often, in each mode.</param>
/// <param name="Peak">The highest rate, as a multiple of the load's.</param>
/// <param name="Rate">The rate at a time, as a multiple of the load's.</param>
/// <param name="Disturb">Does it, while returns arrive.</param>
internal sealed record Scenario(
    string Name, string Title, string What, TimeSpan Window, int Rounds, double Peak, Func<TimeSpan, double> Rate, Func<Stage, CancellationToken, Task> Disturb)
{
    /// <summary>Which team is struck where one is: the second that User Support calls, and one that others wait for.</summary>
    public const string Victim = "inventory";

    private const double BurstFactor = 10;

    public Load Load { get; init; } = Load.Usual;

    /// <summary>Something is struck or restarted. A full comparison has another system, with fresh data, for all of these.</summary>
    public bool IsDisturbed { get; init; }

    /// <summary>Exactly so many returns a round; the window follows from it.</summary>
    public int? Returns { get; init; }

    /// <summary>Sales has to decline none of them.</summary>
    public bool DeclinesNone { get; init; }

    /// <summary>Done once, before all its rounds.</summary>
    public Func<Stage, CancellationToken, Task> Before { get; init; } = (_, _) => Task.CompletedTask;

    /// <summary>Puts back what <see cref="Before"/> did, whatever happened.</summary>
    public Func<Stage, Task> After { get; init; } = _ => Task.CompletedTask;

    /// <summary>Done before each round, and not measured.</summary>
    public Func<Stage, CancellationToken, Task> BeforeRound { get; init; } = (_, _) => Task.CompletedTask;

    /// <summary>Processes are new after <see cref="Before"/>: the modes are warmed and the idle system is measured again.</summary>
    public bool WarmsAgain { get; init; }

    /// <summary>It restarts processes, so that each round begins with some returns that are not measured.</summary>
    public bool LeadsIn { get; init; }

    /// <summary>A look of some minutes leaves it out, unless it is asked for by name.</summary>
    public bool TooLongForALook { get; init; }

    /// <summary>How long a round takes beyond its window, about.</summary>
    public TimeSpan Aftermath { get; init; } = Seconds(3);

    /// <summary>All of them, in the order in which they are measured. The one place to add one.</summary>
    public static IReadOnlyList<Scenario> All(bool quick)
    {
        // In a full round some more than the fewest of which percentiles are said: arrivals are random, and one in ten is declined.
        var (window, from, hold) = quick ? (Seconds(1.6), Seconds(0.3), Seconds(1)) : (Seconds(18), Seconds(3), Seconds(8));
        var (outage, refusal, burst) = quick ? (Seconds(1), Seconds(0.8), Seconds(0.3)) : (Seconds(12), Seconds(8), Seconds(6));
        var most = quick ? 1 : 2;
        return
        [
            .. WhenAllIsWell(quick, most).Append(
                new Scenario(
                    "burst", "Burst", $"Ten times as many returns, from {Text(from)} on, for {Text(burst)}.", window, most, BurstFactor,
                    at => at >= from && at < from + burst ? BurstFactor : 1, (_, _) => Task.CompletedTask)
                { Aftermath = quick ? Seconds(3) : Seconds(12) }),
            Struck(
                "slow", "One team is slow", $"Inventory takes 500 ms more for every request and every event, from {Text(from)} on, for {Text(hold)}.", window, most,
                (stage, cancelled) => stage.FaultAsync(Victim, new { latency = new { distribution = "constant", medianMilliseconds = 500 } }, from, hold, cancelled)),
            Struck(
                "down", "One team is down", $"Inventory is stopped after {Text(from)} and started again {Text(outage)} later.", quick ? window : Seconds(22), most,
                (stage, cancelled) => stage.StopAsync(Victim, from, outage, cancelled)) with
            { LeadsIn = !quick, Aftermath = quick ? Seconds(7) : Seconds(8) },
            Struck(
                "database", "A team's database restarts",
                $"After {Text(from)} Inventory's database ends all sessions and refuses new ones for {Text(refusal)}. (One PostgreSQL serves all teams here; the others' databases stay up.)",
                window, most, (stage, cancelled) => stage.RefuseDatabaseAsync(ServiceCatalog.Find(Victim).Database, from, refusal, cancelled)),
            Struck(
                "broker-away", "The message broker is down",
                $"After {Text(from)} the broker's database ends all sessions and refuses new ones for {Text(refusal)}. The teams' own databases stay up.",
                window, most, (stage, cancelled) => stage.RefuseDatabaseAsync(ComparedSystem.BrokerDatabase, from, refusal, cancelled)),
            Struck(
                "flaky", "One team is flaky", $"Inventory fails at one in five requests and events, from {Text(from)} on, for {Text(hold)}.", window, most,
                (stage, cancelled) => stage.FaultAsync(Victim, new { errorRate = 0.2, seed = 1 }, from, hold, cancelled)),
            Struck(
                "killed", "The publisher is killed", $"User Support is killed (-9) after {Text(hold)} while requests are in flight; it is started again.", window, most,
                (stage, cancelled) => stage.KillAsync("user-support", hold, cancelled)) with
            {
                // A process that is killed again and again is started later and later: the next round must not pay for this one.
                BeforeRound = (stage, cancelled) => stage.RestartAsync("user-support", cancelled), LeadsIn = !quick, Aftermath = quick ? Seconds(16) : Seconds(11),
            },
            Struck(
                "subscriber", "A fifth subscriber joins",
                $"After {Text(from)} an unplanned service subscribes, from the first event on: a second Tracking with its own consumer group and database.",
                window, 1, (stage, cancelled) => stage.SubscribeAsync(from, cancelled)) with
            { Aftermath = Seconds(6) },
            Struck(
                "cold-start", "The first 100 returns after a start", "All services are stopped and started again before each round, and the first 100 returns after that are measured.",
                window, most, (_, _) => Task.CompletedTask) with
            { Load = Load.Gentle, Returns = Measured.Fewest, DeclinesNone = true, BeforeRound = (stage, cancelled) => stage.RestartAllAsync(cancelled), TooLongForALook = true, Aftermath = Seconds(16) },
        ];
    }

    /// <summary>How long returns arrive in a round, about.</summary>
    /// <param name="rate">The load's.</param>
    public TimeSpan Expected(double rate) => Returns is { } returns ? Seconds(returns / rate) : Window;

    /// <summary>How many returns a round has, about.</summary>
    public double Arriving(double rate)
    {
        if (Returns is { } returns)
            return returns;
        var step = TimeSpan.FromMilliseconds(50);
        return Enumerable.Range(0, (int)(Window / step)).Sum(number => Rate(step * number)) * step.TotalSeconds * rate;
    }

    private static IEnumerable<Scenario> WhenAllIsWell(bool quick, int most)
    {
        var returns = quick ? 120 : 550;
        return
        [
            Steady("rate", "How many returns a mode carries", RateSearch.What(quick), TimeSpan.Zero, most, (_, _) => Task.CompletedTask) with
            { Load = Load.Rising, DeclinesNone = true, TooLongForALook = true, Aftermath = quick ? Seconds(30) : Seconds(48) },
            Steady("healthy", "All is well", "Nothing is disturbed.", TimeSpan.Zero, most, (_, _) => Task.CompletedTask) with { Load = Load.Meaningful, Returns = returns },
            Steady(
                "network", "5 ms between teams", "Every request to a team, and every batch of events that it reads, waits 5 ms before it is processed.",
                TimeSpan.Zero, most, (_, _) => Task.CompletedTask) with
            {
                Load = Load.Meaningful, Returns = quick ? 20 : 220, Before = (stage, cancelled) => stage.DelayTeamsAsync(5, cancelled), After = stage => stage.LiftFaultsAsync(),
            },
            Steady(
                "replicas", "Many replicas of the publisher", $"User Support has {ComparedSystem.Replicas.Count + 1} processes, and each return is filed at one of them at random.",
                TimeSpan.Zero, most, (_, _) => Task.CompletedTask) with
            {
                Load = Load.Meaningful, Returns = quick ? 20 : 220, Before = (stage, cancelled) => stage.AddReplicasAsync(cancelled), After = stage => stage.RemoveReplicasAsync(),
                WarmsAgain = true, TooLongForALook = true,
            },
        ];
    }

    private static Scenario Steady(string name, string title, string what, TimeSpan window, int rounds, Func<Stage, CancellationToken, Task> disturb) =>
        new(name, title, what, window, rounds, 1, _ => 1, disturb);

    private static Scenario Struck(string name, string title, string what, TimeSpan window, int rounds, Func<Stage, CancellationToken, Task> disturb) =>
        Steady(name, title, what, window, rounds, disturb) with { IsDisturbed = true };

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private static string Text(TimeSpan time) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s");
}
