using EseErp.Contracts;
using EseErp.Contracts.UserSupport;

namespace EseErp.UserSupport.Returns;

/// <summary>How far User Support itself has carried a return.</summary>
/// <param name="UndoReason">Why what was done is undone, or was; null as long as the return goes on.</param>
/// <param name="DueAt">Until when the item is expected, UTC; null before Inventory has said so.</param>
/// <param name="Steps">The calls made, in order.</param>
public sealed record ReturnCourse(string? UndoReason, DateTimeOffset? DueAt, IReadOnlyList<StepView> Steps)
{
    /// <summary>Of returns that are not carried.</summary>
    public static IReadOnlyDictionary<string, ReturnCourse> None { get; } = new Dictionary<string, ReturnCourse>();
}

/// <summary>A call to a team, for people.</summary>
public sealed record StepView(
    int Number, string Step, string Team, StepOutcome Outcome, int? StatusCode, string? Problem, DateTimeOffset StartedAt, double? DurationMilliseconds);

/// <summary>What came of a call to a team.</summary>
public enum StepOutcome
{
    /// <summary>The call is or was under way; its outcome is not known. It may have been done.</summary>
    Unknown,

    /// <summary>The team did it.</summary>
    Done,

    /// <summary>The team refuses, with a reason; calling again does not help.</summary>
    Refused,

    /// <summary>The team was not reached; nothing was done there.</summary>
    NotReached,

    /// <summary>It was done, and then taken back.</summary>
    Undone,
}
