using EseErp.Lab.Returns;

namespace EseErp.Lab.Comparison;

/// <summary>A question that is answered by two arms which differ in nothing else.</summary>
/// <param name="Name">In the report's JSON.</param>
/// <param name="Title">For people.</param>
/// <param name="Alike">What the two have in common.</param>
internal sealed record Question(string Name, string Title, string One, string Other, string Alike)
{
    public static Question WhoCoordinates { get; } = new(
        "whoCoordinates", "Who coordinates: each team, or an orchestrator?", PlannedReturn.Event, PlannedReturn.TraditionalAsync,
        "Both answer 202 before they ask any team.");

    public static Question WhetherTheCallerWaits { get; } = new(
        "whetherTheCallerWaits", "Does the caller wait for the outcome?", PlannedReturn.Traditional, PlannedReturn.TraditionalAsync,
        "User Support orchestrates the same saga in both.");

    public static IReadOnlyList<Question> All { get; } = [WhoCoordinates, WhetherTheCallerWaits];
}
