using EseErp.Contracts.UserSupport;
using EseErp.UserSupport.Returns;

namespace EseErp.UserSupport.Traditional;

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

    /// <summary>The call, for people.</summary>
    public StepView View() => new(Number, Name, Team, Outcome, StatusCode, Problem, StartedAt, DurationMilliseconds);

    /// <summary>The call as others are told of it.</summary>
    public TeamCallMade Call() => new(Name, Outcome.ToString(), StatusCode, Problem, StartedAt, (decimal)(DurationMilliseconds ?? 0));
}
