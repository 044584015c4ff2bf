using EseErp.Lab.Returns;

namespace EseErp.Lab.Comparison;

/// <summary>One way to coordinate a return, as reports call it.</summary>
/// <param name="Mode">On the wire, in the predictions, and as a style of the page.</param>
/// <param name="Title">In the field's words, with the mode in parentheses.</param>
/// <param name="Short">The same where there is little room.</param>
/// <param name="Json">The name of its figures in the report's JSON.</param>
internal sealed record Arm(string Mode, string Title, string Short, string Json)
{
    /// <summary>Every arm there is; <see cref="ScenarioResult.Modes"/> says which are measured.</summary>
    public static IReadOnlyList<Arm> All { get; } =
    [
        new(PlannedReturn.Event, "choreography (event)", "choreography", "event"),
        new(PlannedReturn.Traditional, "orchestration, caller waits (traditional)", "orchestration, caller waits", "traditional"),
        new(PlannedReturn.TraditionalAsync, "orchestration, answered at once (traditional-async)", "orchestration, answered at once", "traditionalAsync"),
    ];

    /// <summary>Those that are measured, in the order of the report.</summary>
    public static IReadOnlyList<Arm> Measured => [.. ScenarioResult.Modes.Select(Of)];

    public static Arm Of(string mode) => All.Single(arm => arm.Mode == mode);
}
