using EseErp.Contracts.Sales;
using EseErp.EventStore;
using EseErp.Messaging;
using EseErp.Tracking.Data;
using EseErp.Tracking.Rebuild;

namespace EseErp.Tracking.Returns;

/// <summary>Loads the returns that a batch of events concerns.</summary>
public sealed class ReturnBatch(TrackingDb db, Documents documents, ProjectionBuild build) : IBatchLoader
{
    public async Task Load(IReadOnlyList<ReceivedEvent> events, CancellationToken cancellationToken)
    {
        await build.Check(db, cancellationToken);
        await documents.Load<TrackedReturn>(events.Where(e => e.Message is not UnitsDelivered).Select(e => e.Subject), cancellationToken);
    }
}
