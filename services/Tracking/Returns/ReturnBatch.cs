using EseErp.Contracts.Sales;
using EseErp.EventStore;
using EseErp.Messaging;
using EseErp.Tracking.Rebuild;

namespace EseErp.Tracking.Returns;

/// <summary>Loads the returns that a batch of events concerns.</summary>
public sealed class ReturnBatch(Documents documents, ProjectionBuild build) : IBatchLoader
{
    public void Want(IReadOnlyList<ReceivedEvent> events, BatchReads reads)
    {
        build.Check(reads);
        documents.Want<TrackedReturn>(events.Where(e => e.Message is not UnitsDelivered).Select(e => e.Subject), reads);
    }
}
