using EseErp.Contracts;
using EseErp.Contracts.DeadLetters;
using EseErp.Contracts.UserSupport;
using EseErp.EventStore;
using EseErp.Messaging;
using EseErp.Tracking.Timeline;
using MassTransit;

namespace EseErp.Tracking.Returns;

/// <summary>The one place where a fact changes what Tracking knows: the return's row and its timeline.</summary>
public sealed class ReturnProjection(TimelineRows timeline, Documents documents)
{
    public Task Apply<T>(ConsumeContext<T> context) where T : class =>
        Apply(context.GetPayload<ReceivedEvent>(), context.CancellationToken);

    private async Task Apply(ReceivedEvent e, CancellationToken cancellationToken)
    {
        var mode = e.Coordination == Coordination.Traditional ? CoordinationMode.Traditional : CoordinationMode.Event;
        // The row is created by whichever team's fact comes first.
        if (await documents.Find<TrackedReturn>(e.Subject, cancellationToken) is not { } tracked)
        {
            tracked = new TrackedReturn { ReturnId = e.Subject, Mode = mode };
            documents.Add(e.Subject, tracked);
        }

        // Who drives is in every fact; that nobody waits for it is in one of them.
        if (e.Message is ReturnAcknowledged) tracked.Mode = CoordinationMode.TraditionalAsync;
        else if (e.Message is not (DeadLetterOpened or DeadLetterClosed) && tracked.Mode.Wire() != mode.Wire()) tracked.Mode = mode;

        tracked.Apply(e.Message, ToDatabasePrecision(e.Time));
        timeline.Add(TimelineEntry.Of(e, ToDatabasePrecision(e.Time)));
    }

    // PostgreSQL keeps microseconds: the facets' copy of a time must not differ from the column's.
    private static DateTimeOffset ToDatabasePrecision(DateTimeOffset time) =>
        new(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
}
