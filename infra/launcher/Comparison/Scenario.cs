namespace EseErp.Launcher.Comparison;

/// <summary>One thing that happens to a system, the same in both modes.</summary>
/// <param name="Name">Short, for the command line and the file of predictions.</param>
/// <param name="Title">For people.</param>
/// <param name="What">What is done and when, for people.</param>
/// <param name="Window">How long returns arrive.</param>
/// <param name="Rounds">How often, in each mode.</param>
/// <param name="Peak">The highest rate, as a multiple of the usual one.</param>
/// <param name="Rate">The rate at a time, as a multiple of the usual one.</param>
/// <param name="Disturb">Does it, while returns arrive.</param>
internal sealed record Scenario(
    string Name, string Title, string What, TimeSpan Window, int Rounds, double Peak, Func<TimeSpan, double> Rate, Func<Stage, CancellationToken, Task> Disturb)
{
    /// <summary>Which team is struck where one is: the second that User Support calls, and one that others wait for.</summary>
    public const string Victim = "inventory";

    private const double BurstFactor = 10;

    /// <summary>All of them. The one place to add one.</summary>
    public static IReadOnlyList<Scenario> All(bool quick)
    {
        var (window, from, hold) = quick ? (Seconds(2), Seconds(0.4), Seconds(1.2)) : (Seconds(30), Seconds(5), Seconds(15));
        var (outage, refusal, burst) = quick ? (Seconds(1.2), Seconds(1), Seconds(0.4)) : (Seconds(30), Seconds(8), Seconds(10));
        var few = quick ? 1 : 2;
        return
        [
            Steady("healthy", "All is well", "Nothing is disturbed.", window, 2, (_, _) => Task.CompletedTask),
            Steady(
                "slow", "One team is slow", $"Inventory takes 500 ms more for every request and every event, from {Text(from)} on, for {Text(hold)}.", window, 2,
                (stage, cancelled) => stage.FaultAsync(Victim, new { latency = new { distribution = "constant", medianMilliseconds = 500 } }, from, hold, cancelled)),
            Steady(
                "flaky", "One team is flaky", $"Inventory fails at one in five requests and events, from {Text(from)} on, for {Text(hold)}.", window, few,
                (stage, cancelled) => stage.FaultAsync(Victim, new { errorRate = 0.2, seed = 1 }, from, hold, cancelled)),
            Steady(
                "down", "One team is down", $"Inventory is stopped after {Text(from)} and started again {Text(outage)} later.", quick ? window : Seconds(45), few,
                (stage, cancelled) => stage.StopAsync(Victim, from, outage, cancelled)),
            Steady(
                "killed", "The publisher is killed", $"User Support is killed (-9) after {Text(hold)} while requests are in flight; it is started again.", window, few,
                (stage, cancelled) => stage.KillAsync("user-support", hold, cancelled)),
            new(
                "burst", "Burst", $"Ten times as many returns, from {Text(from)} on, for {Text(burst)}.", window, few, BurstFactor,
                at => at >= from && at < from + burst ? BurstFactor : 1, (_, _) => Task.CompletedTask),
            Steady(
                "database", "A team's database restarts",
                $"After {Text(from)} Inventory's database ends all sessions and refuses new ones for {Text(refusal)}. (One PostgreSQL serves all teams here; the others' databases stay up.)",
                window, few, (stage, cancelled) => stage.RefuseDatabaseAsync(Victim, from, refusal, cancelled)),
            Steady(
                "subscriber", "A fifth subscriber joins",
                $"After {Text(from)} a service that nobody knew of subscribes, from the first event on: a second Tracking with a consumer group and a database of its own.",
                window, few, (stage, cancelled) => stage.SubscribeAsync(from, cancelled)),
        ];
    }

    private static Scenario Steady(string name, string title, string what, TimeSpan window, int rounds, Func<Stage, CancellationToken, Task> disturb) =>
        new(name, title, what, window, rounds, 1, _ => 1, disturb);

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private static string Text(TimeSpan time) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} s");
}
