using System.Text.Json;

namespace EseErp.Registry;

/// <summary>An entity, or what it was.</summary>
/// <param name="Version">Also its ETag: version 7 is <c>"7"</c>.</param>
/// <param name="SchemaVersion">The version of the schema it was held against.</param>
public sealed record EntityView(string Id, int Version, int SchemaVersion, DateTimeOffset ChangedAt, string ChangedBy, JsonElement Document)
{
    internal static EntityView Of(Entity entity) => new(
        entity.Id, entity.Version, entity.SchemaVersion, entity.ChangedAt, entity.ChangedBy, JsonElement.Parse(entity.Document!));
}

/// <summary>What is left of a deleted entity. Its history can still be read, and its versions continue if it is created again.</summary>
public sealed record DeletedEntityView(string Id, int Version, DateTimeOffset ChangedAt, string ChangedBy);

/// <summary>What one version changed, and who changed it.</summary>
public sealed record VersionView(
    int Version, VersionKind Kind, int SchemaVersion, DateTimeOffset ChangedAt, string ChangedBy, IReadOnlyList<FieldChange> Changes);
