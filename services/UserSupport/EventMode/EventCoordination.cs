using EseErp.Contracts;
using EseErp.EventStore;
using EseErp.UserSupport.Modes;
using EseErp.UserSupport.Returns;

namespace EseErp.UserSupport.EventMode;

/// <summary>Choreography: User Support publishes the request, and every team reacts on its own. User Support knows none of them.</summary>
internal sealed class EventCoordination(Facts facts, CancellationDesk cancellations) : ICoordination
{
    public bool Takes(CoordinationMode mode) => mode == CoordinationMode.Event;

    public Guid Take(Return filed, string? callbackUrl, bool isCarriedNext) => facts.Record(filed.ReturnId, filed.Request(), filed.Mode.Wire());

    public void Committed(IEnumerable<Return> taken)
    {
        // The relay publishes what was committed.
    }

    public Task<IResult> Cancel(string returnId, string reason, CancellationToken cancellationToken) => cancellations.Ask(returnId, reason, cancellationToken);

    public string ReasonNotToCall(string callbackUrl) => "is not possible in event mode: User Support does not learn the outcome; read it at Tracking";

    public Task<IReadOnlyDictionary<string, ReturnCourse>> Courses(IReadOnlyCollection<string> returnIds, bool withSteps, CancellationToken cancellationToken) =>
        Task.FromResult(ReturnCourse.None);
}
