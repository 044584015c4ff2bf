using System.Text.Json.Serialization;

namespace EseErp.Messaging;

/// <summary>Why a record is among the dead letters.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DeadLetterReason>))]
public enum DeadLetterReason
{
    /// <summary>A consumer failed as often as its retry policy allows.</summary>
    Exhausted,

    /// <summary>It is not an event of EseErp.</summary>
    Unreadable,

    /// <summary>An event that is consumed here, in a version that this build does not know. A build that does re-drives it by itself.</summary>
    UnknownVersion,

    /// <summary>Nothing is wrong with it: an earlier record of its key is dead, and order per key holds.</summary>
    Behind,

    /// <summary>It contradicts what the team has on record; it was not tried again.</summary>
    Conflict,
}

/// <summary>A record set aside, with its original bytes. Open until it is re-driven or discarded.</summary>
public sealed record DeadLetter(
    long Id,
    string Topic,
    int Partition,
    long Offset,
    string Key,
    string? Type,
    Guid? EventId,
    DeadLetterReason Reason,
    string Error,
    string? Exception,
    int Attempts,
    byte[] Value,
    DateTimeOffset DeadAt,
    DateTimeOffset? RedrivenAt,
    DateTimeOffset? DiscardedAt,
    string? DiscardedBy,
    string? DiscardReason)
{
    internal BrokerRecord Record => new(Topic, Partition, Offset, Key, Value);
}

/// <summary>What many letters have in common.</summary>
/// <param name="Exception">The type of the exception; null for those that have none.</param>
/// <param name="Error">The first line of what went wrong, with numbers left out.</param>
/// <param name="First">When the first of them was set aside.</param>
/// <param name="Example">The id of one of them.</param>
public sealed record DeadLetterGroup(
    DeadLetterReason Reason, string? Type, string? Exception, string Error, long Count, DateTimeOffset First, DateTimeOffset Last, long Example);
