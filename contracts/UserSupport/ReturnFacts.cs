namespace EseErp.Contracts.UserSupport;

/// <summary>The return is called off: by the customer, or by User Support when a team refused for good.</summary>
/// <param name="Reason">Free text for people, at most 500 characters.</param>
[EventType("ese.user-support.return-cancelled.v1")]
public sealed record ReturnCancelled(string ReturnId, string Reason);

/// <summary>Traditional mode: a team could not be reached or did not answer; the process waits to be resumed.</summary>
/// <param name="Step">The step that has no known outcome, such as <c>inventory.shipment-request</c>.</param>
/// <param name="Reason">What went wrong, for people.</param>
[EventType("ese.user-support.return-incomplete.v1")]
public sealed record ReturnIncomplete(string ReturnId, string Step, string Reason);

/// <summary>Traditional mode: every team has now answered a return that was incomplete before.</summary>
[EventType("ese.user-support.return-resumed.v1")]
public sealed record ReturnResumed(string ReturnId);
