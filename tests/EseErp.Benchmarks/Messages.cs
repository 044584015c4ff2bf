using System.Text.Json;
using EseErp.EventStore;
using EseErp.Messaging;

namespace EseErp.Benchmarks;

/// <summary>The refund requests that are published and applied: real contracts of a realistic size, one per return.</summary>
internal static class Messages
{
    public const string Type = "ese.user-support.refund-request.v1";
    public const string Source = "/bench";

    public static IEnumerable<NewEvent> Events(int count)
    {
        var time = DateTimeOffset.UtcNow;
        for (var number = 0; number < count; number++)
        {
            var asked = PeerRequests.Of(number);
            yield return new NewEvent(
                asked.ReturnId, asked.ReturnId, Guid.CreateVersion7(), Type, time, Guid.CreateVersion7().ToString("N"), null, Coordination.Event,
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", JsonSerializer.Serialize(asked, EventJson.Options));
        }
    }

    public static List<OutgoingRecord> Records(int count) => Events(count).Select(e => new OutgoingRecord(e.Subject, CloudEvent.Write(
        new RecordedEvent(
            0, e.StreamId, 1, e.EventId, e.Type, e.Subject, e.Time, e.CorrelationId, e.CausationId, e.Coordination, e.TraceParent, e.Data),
        Source))).ToList();
}
