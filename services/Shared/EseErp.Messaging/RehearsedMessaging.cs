using System.Text.Json;
using EseErp.EventStore;
using Microsoft.Extensions.Options;

namespace EseErp.Messaging;

/// <summary>An event that is consumed for practice.</summary>
internal sealed record RehearsedEvent(string Topic, string ReturnId, object Fact);

/// <summary>What a service rehearses of its messaging: the events that it consumes, and the way out of its log.</summary>
internal sealed class RehearsedMessaging(
    EventApplication application, EventTypes types, Subscriptions subscriptions, IBroker broker, BrokerTopics topics, IOptions<MessagingOptions> options, TimeProvider clock)
{
    // A lane that no topic has: nobody waits for its lock.
    private const int NoLane = -1;

    // Code that was never run is slow.
    private static readonly TimeLimits Patience = new(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5));

    /// <summary>Applies the events that the service's module names, as one batch. Offsets stay where they are.</summary>
    public async Task Consume(CancellationToken cancellationToken)
    {
        var deliveries = subscriptions.Rehearsed.Select((rehearsed, place) =>
            application.Read(new BrokerRecord(rehearsed.Topic, NoLane, place, rehearsed.ReturnId, CloudEvent.Write(Recorded(rehearsed), options.Value.Source)))
                ?? throw new InvalidOperationException($"Nobody here consumes {rehearsed.Fact.GetType().Name} from {rehearsed.Topic}.")).ToList();
        await application.Apply(deliveries, [], Patience, cancellationToken);
    }

    /// <summary>Publishes what the broker refuses, as it comes from a place in the log where nobody is.</summary>
    public async Task Publish(CancellationToken cancellationToken)
    {
        await topics.Ready.WaitAsync(cancellationToken);
        await broker.RehearsePublishing(options.Value.Topic!, cancellationToken);
    }

    private RecordedEvent Recorded(RehearsedEvent rehearsed) => new(
        0, rehearsed.ReturnId, 1, Guid.CreateVersion7(), types.NameOf(rehearsed.Fact.GetType()), rehearsed.ReturnId, clock.GetUtcNow(), "rehearsal", null,
        Coordination.Event, null, JsonSerializer.Serialize(rehearsed.Fact, rehearsed.Fact.GetType(), EventJson.Options));
}
