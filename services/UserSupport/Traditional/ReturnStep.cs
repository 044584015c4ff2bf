using EseErp.Contracts.UserSupport;

namespace EseErp.UserSupport.Traditional;

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

/// <summary>One call to a team on behalf of a return, and what came of it. Written before the call and again after it.</summary>
public sealed class ReturnStep
{
    public required string ReturnId { get; init; }

    /// <summary>Order within the return, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>Team and operation, such as <c>inventory.shipment-request</c>; an undoing step begins with <c>undo.</c></summary>
    public required string Name { get; init; }

    public StepOutcome Outcome { get; set; }

    /// <summary>The team's answer, JSON; its reason when it refused.</summary>
    public string? Answer { get; set; }

    /// <summary>HTTP status of the answer; null without one.</summary>
    public int? StatusCode { get; set; }

    /// <summary>What went wrong, for people.</summary>
    public string? Problem { get; set; }

    public DateTimeOffset StartedAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>Whether a <c>TeamsCalled</c> event has told of it as it is now.</summary>
    public bool Told { get; set; }

    /// <summary>Milliseconds from the first attempt to the answer.</summary>
    public double? DurationMilliseconds => EndedAt is { } ended ? Math.Round((ended - StartedAt).TotalMilliseconds, 1) : null;

    /// <summary>The team that is called.</summary>
    public string Team => Name.Split('.')[Name.StartsWith("undo.", StringComparison.Ordinal) ? 1 : 0];

    /// <summary>The call as others are told of it.</summary>
    public TeamCallMade Call() => new(Name, Outcome.ToString(), StatusCode, Problem, StartedAt, (decimal)(DurationMilliseconds ?? 0));
}
