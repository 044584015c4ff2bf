using System.Globalization;

namespace EseErp.Lab.Comparison;

/// <summary>A case in which one has to choose, and the figure that decides it.</summary>
/// <param name="When">Begins a sentence.</param>
internal sealed record Topic(Question Question, string Scenario, string Figure, string When)
{
    /// <summary>All of them. Which arm a topic speaks for is nowhere in them: the figures say it.</summary>
    public static IReadOnlyList<Topic> All { get; } =
    [
        .. ForBoth(Question.WhoCoordinates),
        new(Question.WhoCoordinates, "broker-away", "settleP95", "When the message broker is down for a while"),
        new(Question.WhoCoordinates, "healthy", "cpu", "When processor time is expensive"),
        new(Question.WhoCoordinates, "healthy", "rows", "When storage is expensive"),
        new(Question.WhoCoordinates, "slow", "settleP95", "When a team is slow and the outcome must come soon"),
        new(Question.WhoCoordinates, "down", "settleP95", "When a team is down for a while and the outcome must come soon"),
        new(Question.WhoCoordinates, "database", "settleP95", "When a team's database restarts and the outcome must come soon"),
        new(Question.WhoCoordinates, "replicas", "settleP95", "With many processes of the publisher"),
        .. ForBoth(Question.WhetherTheCallerWaits),
        new(Question.WhetherTheCallerWaits, "healthy", "answeredInFull", "When the caller needs the decision in the answer"),
        new(Question.WhetherTheCallerWaits, "healthy", "toldAtOnce", "When a declined customer must know at once"),
        new(Question.WhetherTheCallerWaits, "slow", "latencyP95", "When a team is slow and the caller must not notice"),
        new(Question.WhetherTheCallerWaits, "down", "taken", "When no caller may notice that a team is down"),
        new(Question.WhetherTheCallerWaits, "down", "latencyP99", "When a team is down and the answer must come soon"),
    ];

    private static IEnumerable<Topic> ForBoth(Question question) =>
    [
        new(question, "rate", "carried", "When the load is high"),
        new(question, "healthy", "latencyP99", "When all is well and the answer must come soon"),
        new(question, "healthy", "settleP50", "When all is well and the outcome must come soon"),
        new(question, "network", "settleP50", "When teams are 5 ms apart and the outcome must come soon"),
        new(question, "burst", "latencyP99", "In a burst, when the answer must come soon"),
        new(question, "burst", "settleP95", "In a burst, when the outcome must come soon"),
        new(question, "killed", "latencyP95", "When the publisher is killed"),
        new(question, "cold-start", "latencyP95", "Right after a start"),
    ];
}

/// <summary>What the figures say to a topic.</summary>
/// <param name="Winner">The mode to choose; null where no difference is claimed.</param>
/// <param name="Sentence">With the figures and what they hold for.</param>
internal sealed record Advice(Topic Topic, string? Winner, string Sentence)
{
    /// <summary>One for each topic that was measured in both arms of its question.</summary>
    public static IReadOnlyList<Advice> Of(IReadOnlyList<ScenarioResult> results) => [.. Topic.All.Select(topic => Of(topic, results)).OfType<Advice>()];

    private static Advice? Of(Topic topic, IReadOnlyList<ScenarioResult> results)
    {
        var figure = Comparison.Figure.Named(topic.Figure);
        if (results.FirstOrDefault(result => result.Scenario.Name == topic.Scenario) is not { } result)
            return null;
        var (one, other) = (result.Read(figure, topic.Question.One), result.Read(figure, topic.Question.Other));
        if (one is not { } ours || other is not { } theirs)
            return null;
        var winner = result.Better(figure, topic.Question);
        string Value(string mode) => $"{result.Text(figure, mode)} with {Arm.Of(mode).Short}";
        var sentence = winner is null
            ? $"{topic.When}: {figure.Title}: {Value(topic.Question.One)}, {Value(topic.Question.Other)}; {Difference(ours, theirs, result, topic.Question)} ({Bound(result)})."
            : $"{topic.When}: {figure.Title}: {Value(winner)}, {Value(winner == topic.Question.One ? topic.Question.Other : topic.Question.One)} ({Bound(result)}).";
        return new Advice(topic, winner, sentence);
    }

    private static string Difference(double ours, double theirs, ScenarioResult result, Question question)
    {
        var percent = Math.Max(ours, theirs) == 0 ? 0 : 100 * (Math.Max(ours, theirs) - Math.Min(ours, theirs)) / Math.Max(ours, theirs);
        var isOnce = result.Rounds.Count(round => round.Mode == question.One) < 2;
        return string.Create(
            CultureInfo.InvariantCulture, $"they differ by {percent:0} %, {(isOnce ? "and one round each cannot tell this from chance" : "and no difference is claimed")}");
    }

    /// <summary>How close the two come when all is well and with teams 5 ms apart; null where that was not measured.</summary>
    public static string? Closeness(IReadOnlyList<ScenarioResult> results, Question question)
    {
        var figure = Comparison.Figure.Named("settleP50");
        var near = results.Where(result => result.Scenario.Name is "healthy" or "network").ToList();
        var apart = near.Select(result => result.Read(figure, question.One) - result.Read(figure, question.Other)).OfType<double>().ToList();
        return near.Count < 2 || apart.Count < near.Count ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"Up to {near.Min(result => result.Rate):0.#} returns/s, with nothing wrong and teams within 5 ms, time to settle (p50) of the two differs by {Math.Ceiling(apart.Max(Math.Abs)):0} ms at most.");
    }

    // What the sentence holds for, and nothing else.
    private static string Bound(ScenarioResult result)
    {
        var (fewest, most) = (result.Together.Values.Min(measured => measured.Filed), result.Together.Values.Max(measured => measured.Filed));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{(result.Scenario.Load == Load.Rising ? "p99 of settling within 1 s" : $"{result.Rate:0.#} returns/s")}, {(fewest == most ? $"{fewest:N0}" : $"{fewest:N0} to {most:N0}")} returns in each mode");
    }
}
