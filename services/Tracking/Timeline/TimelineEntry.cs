using System.Text.Json;
using EseErp.EventStore;
using EseErp.Messaging;

namespace EseErp.Tracking.Timeline;

/// <summary>Who did what, and when: one event, for people and for programs.</summary>
public sealed class TimelineEntry
{
    public required Guid EventId { get; init; }

    public required string ReturnId { get; init; }

    public required DateTimeOffset Time { get; init; }

    /// <summary>The publishing team, such as <c>sales</c>.</summary>
    public required string Team { get; init; }

    public required string Type { get; init; }

    public required string Summary { get; init; }

    public required string CorrelationId { get; init; }

    public string? CausationId { get; init; }

    public required string Coordination { get; init; }

    /// <summary>The fact as JSON text.</summary>
    public required string Data { get; init; }

    /// <summary>Its place among all rows: what streams go by. Filled in by the database.</summary>
    public long Position { get; private set; }

    public static TimelineEntry Of(ReceivedEvent e, DateTimeOffset time) => new()
    {
        EventId = e.Id,
        ReturnId = e.Subject,
        Time = time,
        Team = e.Source.TrimStart('/'),
        Type = e.Type,
        Summary = Summaries.Of(e.Message),
        CorrelationId = e.CorrelationId,
        CausationId = e.CausationId,
        Coordination = e.Coordination,
        Data = JsonSerializer.Serialize(e.Message, e.Message.GetType(), EventJson.Options),
    };
}
