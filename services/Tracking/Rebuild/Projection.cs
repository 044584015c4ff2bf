using System.Text.Json.Serialization;

namespace EseErp.Tracking.Rebuild;

/// <summary>How far a rebuild has come. Kept in the database, so that a killed process or another replica continues it.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ProjectionStage>))]
public enum ProjectionStage
{
    /// <summary>Follows the broker.</summary>
    Live,

    /// <summary>Asked for; the projection is still the old one.</summary>
    Requested,

    /// <summary>Emptied; the group is not yet sent back to the beginning.</summary>
    Emptied,

    /// <summary>Applies the log again.</summary>
    Replaying,
}

/// <summary>The one row that says which build of the projection is the valid one.</summary>
public sealed class Projection
{
    public const string Returns = "returns";

    public required string Name { get; init; }

    /// <summary>Grows by one each time the projection is emptied.</summary>
    public int Build { get; set; }

    public ProjectionStage Stage { get; set; }

    /// <summary>When the build was begun.</summary>
    public required DateTimeOffset StartedAt { get; set; }

    /// <summary>When the build had caught up with the log as it was at its start; null before.</summary>
    public DateTimeOffset? FinishedAt { get; set; }

    /// <summary>The ends of the log when it was sent back: what the build has to reach.</summary>
    public LogEnds Until { get; set; } = LogEnds.None;

    /// <summary>Whether it shows all that there is. A rebuild that is only asked for has taken nothing away, unless it was asked for in the middle of another.</summary>
    public bool IsWhole => Stage == ProjectionStage.Live || (Stage == ProjectionStage.Requested && FinishedAt is not null);

    /// <summary>Whether consumers may run.</summary>
    public bool MayConsume => Stage is ProjectionStage.Live or ProjectionStage.Replaying;
}

/// <summary>The ends of all topic partitions at a moment.</summary>
/// <param name="AcceptLoss">Whether who asked for the build accepts that records are missing which the broker has dropped.</param>
public sealed record LogEnds(IReadOnlyList<PartitionEnd> Partitions, bool AcceptLoss = false)
{
    public static LogEnds None { get; } = new([]);
}

/// <summary>The end of a topic partition.</summary>
public sealed record PartitionEnd(string Topic, int Partition, long End);
