using System.Text.Json;
using EseErp.Tracking.Returns;

namespace EseErp.Tracking.Timeline;

/// <summary>One event of a timeline.</summary>
/// <param name="Team">Who did it, such as <c>sales</c>.</param>
/// <param name="Summary">What was done, for people.</param>
/// <param name="CorrelationId">Shared by everything that follows from one request.</param>
/// <param name="CausationId">The event that led to this one; null when a person or a program called.</param>
/// <param name="Coordination"><c>event</c> or <c>traditional</c>.</param>
/// <param name="Data">The fact itself.</param>
public sealed record TimelineItem(
    DateTimeOffset Time,
    string Team,
    string Type,
    string Summary,
    Guid EventId,
    string CorrelationId,
    string? CausationId,
    string Coordination,
    JsonElement Data)
{
    public static TimelineItem Of(TimelineEntry entry) => new(
        entry.Time, entry.Team, entry.Type, entry.Summary, entry.EventId, entry.CorrelationId, entry.CausationId, entry.Coordination,
        JsonElement.Parse(entry.Data));
}

/// <summary>What a stream sends: a return, and the event that changed it.</summary>
/// <param name="Return">The return as it is now, which may already include later events. Null at the start of a stream of a
/// return that is not known.</param>
/// <param name="Item">The event; null when the present state is sent first.</param>
public sealed record ReturnChange(ReturnView? Return, TimelineItem? Item);
