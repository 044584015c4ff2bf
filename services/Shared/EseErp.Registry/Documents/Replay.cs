using System.Text.Json.Nodes;

namespace EseErp.Registry;

/// <summary>Makes documents from what is stored of them.</summary>
internal static class Replay
{
    /// <summary>The entity as of the last of these versions, of which the first has the whole document; null for none.</summary>
    public static Entity? Entity(IReadOnlyList<StoredVersion> versions)
    {
        if (versions.Count == 0) return null;
        var last = versions[^1];
        return new Entity(last.Id, last.Version, last.SchemaVersion, Document(versions), last.ChangedAt, last.ChangedBy);
    }

    /// <summary>What each version changed, beginning with the document before the first of them.</summary>
    public static IReadOnlyList<VersionView> Changes(JsonObject before, IReadOnlyList<StoredVersion> versions)
    {
        var views = new List<VersionView>(versions.Count);
        foreach (var version in versions)
        {
            var difference = version.Kind switch
            {
                VersionKind.Created => Difference.Between([], RegistryJson.Object(version.Snapshot!)),
                VersionKind.Changed => Difference.Parse(version.Diff!),
                _ => Difference.Between(before, []),
            };
            views.Add(new VersionView(version.Version, version.Kind, version.SchemaVersion, version.ChangedAt, version.ChangedBy, difference.Changes(before)));
            difference.ApplyTo(before);
        }

        return views;
    }

    private static string? Document(IReadOnlyList<StoredVersion> versions)
    {
        if (versions[^1] is { Kind: VersionKind.Deleted }) return null;
        if (versions.Count == 1) return versions[0].Snapshot;
        var document = RegistryJson.Object(versions[0].Snapshot!);
        foreach (var version in versions.Skip(1)) Difference.Parse(version.Diff!).ApplyTo(document);
        return RegistryJson.Text(document);
    }
}
