using System.Text.Json.Serialization;

namespace EseErp.Messaging;

/// <summary>Why a record is among the dead letters.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DeadLetterReason>))]
public enum DeadLetterReason
{
    /// <summary>A consumer failed as often as its retry policy allows.</summary>
    Exhausted,

    /// <summary>It is not an event of EseErp, or of a version this build does not know.</summary>
    Unreadable,

    /// <summary>Nothing is wrong with it: an earlier record of its key is dead, and order per key holds.</summary>
    Behind,

    /// <summary>It contradicts what the team has on record; it was not tried again.</summary>
    Conflict,
}

/// <summary>A record set aside, with its original bytes.</summary>
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
    DateTimeOffset? RedrivenAt)
{
    internal BrokerRecord Record => new(Topic, Partition, Offset, Key, Value);
}
