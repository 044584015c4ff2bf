namespace EseErp.Contracts.UserSupport;

/// <summary>
/// Event mode: someone wants to call the return off. The team that has the item decides, once, and answers with
/// <see cref="CancellationAccepted"/> or <see cref="CancellationRefused"/> on <see cref="Topics.CancellationAnswers"/>.
/// </summary>
/// <param name="Reason">Free text for people, at most 500 characters.</param>
[EventType("ese.user-support.return-cancellation-requested.v1")]
public sealed record ReturnCancellationRequested(string ReturnId, string Reason);

/// <summary>The item has not arrived and will no longer be received; the return may be called off.</summary>
/// <param name="Reason">The reason of the request.</param>
[EventType("ese.user-support.cancellation-accepted.v1")]
public sealed record CancellationAccepted(string ReturnId, string Reason);

/// <summary>The return can no longer be called off.</summary>
/// <param name="Reason">Why not, for people.</param>
[EventType("ese.user-support.cancellation-refused.v1")]
public sealed record CancellationRefused(string ReturnId, string Reason);

/// <summary>The return is called off: by the customer, or by User Support when a team refused for good.</summary>
/// <param name="Reason">Free text for people, at most 500 characters.</param>
[EventType("ese.user-support.return-cancelled.v1")]
public sealed record ReturnCancelled(string ReturnId, string Reason);

/// <summary>Traditional mode: the caller was answered at once; User Support drives the return in the background.</summary>
[EventType("ese.user-support.return-acknowledged.v1")]
public sealed record ReturnAcknowledged(string ReturnId);

/// <summary>Traditional mode: a team could not be reached or did not answer; the return waits until it is resumed.</summary>
/// <param name="Step">The step that has no known outcome, such as <c>inventory.shipment-request</c>.</param>
/// <param name="Reason">What went wrong, for people.</param>
[EventType("ese.user-support.return-incomplete.v1")]
public sealed record ReturnIncomplete(string ReturnId, string Step, string Reason);

/// <summary>Traditional mode: every team has now answered a return that was incomplete before.</summary>
[EventType("ese.user-support.return-resumed.v1")]
public sealed record ReturnResumed(string ReturnId);

/// <summary>Traditional mode: calls that were made on behalf of the return since the last such event, in order.</summary>
[EventType("ese.user-support.teams-called.v1")]
public sealed record TeamsCalled(string ReturnId, IReadOnlyList<TeamCallMade> Calls);

/// <summary>One call to a team, all its attempts together.</summary>
/// <param name="Step">Team and operation, such as <c>inventory.shipment-request</c>; a compensation begins with <c>undo.</c></param>
/// <param name="Outcome"><c>Done</c>, <c>Refused</c>, <c>NotReached</c>, <c>Unknown</c> or <c>Undone</c>.</param>
/// <param name="StatusCode">HTTP status of the answer; null without one.</param>
/// <param name="Problem">What went wrong, for people; null if nothing did.</param>
/// <param name="StartedAt">UTC.</param>
/// <param name="DurationMilliseconds">From the first attempt to the answer.</param>
public sealed record TeamCallMade(
    string Step, string Outcome, int? StatusCode, string? Problem, DateTimeOffset StartedAt, decimal DurationMilliseconds);
