namespace EseErp.Registry;

/// <summary>An entity as of a version.</summary>
/// <param name="Document">Compact JSON; null: deleted.</param>
public sealed record Entity(string Id, int Version, int SchemaVersion, string? Document, DateTimeOffset ChangedAt, string ChangedBy);

/// <summary>How a version came about.</summary>
public enum VersionKind
{
    /// <summary>The entity is new, or is back after it was deleted.</summary>
    Created,

    Changed,

    Deleted,
}

/// <summary>A version as it is stored.</summary>
/// <param name="Diff">A <see cref="Difference"/>; of a change only.</param>
/// <param name="Snapshot">The whole document; of what was created, and every so many versions.</param>
internal sealed record StoredVersion(
    string Id, int Version, VersionKind Kind, int SchemaVersion, string? Diff, string? Snapshot, DateTimeOffset ChangedAt, string ChangedBy);
