using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;

namespace EseErp.Registry;

/// <summary>
/// Where reference data are changed and read. Changes need an open unit of work, in which the version, the entity and the rows
/// made from it are written together.
/// </summary>
public sealed class RegistryDesk
{
    /// <summary>Most entities that go to the database in one statement.</summary>
    private const int SetSize = 5_000;

    private readonly RegistryStore _store;
    private readonly RegistryTypes _types;
    private readonly RegistryOptions _options;
    private readonly IServiceProvider _services;
    private readonly TimeProvider _clock;

    internal RegistryDesk(RegistryStore store, RegistryTypes types, IOptions<RegistryOptions> options, IServiceProvider services, TimeProvider clock) =>
        (_store, _types, _options, _services, _clock) = (store, types, options.Value, services, clock);

    /// <summary>Creates an entity; one that was deleted goes on with its next version.</summary>
    public async Task<RegistryAnswer> Create(RegistryType type, JsonElement document, string user, CancellationToken cancellationToken)
    {
        if (Check(type, document) is { Any: true } faults) return new RegistryAnswer.Invalid(faults);
        var id = document.GetProperty(type.Key).GetString()!;
        var present = await _store.Find(type.Name, id, locked: true, cancellationToken);
        if (present?.Document is not null) return new RegistryAnswer.Taken(id);
        return await Write(type, present ?? Nothing(id), VersionKind.Created, null, RegistryJson.Text(RegistryJson.Object(document)), user, cancellationToken);
    }

    /// <summary>Changes an entity by a JSON Merge Patch.</summary>
    public async Task<RegistryAnswer> Patch(RegistryType type, string id, Precondition precondition, JsonElement patch, string user, CancellationToken cancellationToken)
    {
        var faults = new Faults();
        type.Newest.CheckPatch(patch, faults);
        if (faults.Any) return new RegistryAnswer.Invalid(faults);
        return await Change(type, id, precondition, before => (JsonObject)MergePatch.Apply(before, RegistryJson.Object(patch))!, user, cancellationToken);
    }

    /// <summary>Puts another document in the place of the present one.</summary>
    public async Task<RegistryAnswer> Replace(RegistryType type, string id, Precondition precondition, JsonElement document, string user, CancellationToken cancellationToken)
    {
        if (Check(type, document) is { Any: true } faults) return new RegistryAnswer.Invalid(faults);
        return await Change(type, id, precondition, _ => RegistryJson.Object(document), user, cancellationToken);
    }

    /// <summary>Deletes an entity; its history stays.</summary>
    public async Task<RegistryAnswer> Delete(RegistryType type, string id, Precondition precondition, string user, CancellationToken cancellationToken)
    {
        var (present, refusal) = await Present(type, id, precondition, cancellationToken);
        return refusal ?? await Write(type, present!, VersionKind.Deleted, null, null, user, cancellationToken);
    }

    /// <summary>Creates what is not there yet, as sets; what is there or was deleted stays.</summary>
    /// <returns>How many were created.</returns>
    /// <exception cref="InvalidOperationException">One of them is not valid.</exception>
    public async Task<int> AddMissing<T>(IEnumerable<T> documents, string user, CancellationToken cancellationToken) where T : class
    {
        var type = _types.Of<T>();
        var now = Now(DateTimeOffset.MinValue);
        var added = 0;
        foreach (var some in documents.Chunk(SetSize))
        {
            var created = some.Select(document =>
            {
                var text = JsonSerializer.Serialize(document, RegistryJson.Options);
                using var json = JsonDocument.Parse(text);
                if (Check(type, json.RootElement) is { Any: true } faults)
                    throw new InvalidOperationException($"{text} is not valid: {string.Join(", ", faults.ToDictionary().Select(fault => $"{fault.Key} {fault.Value[0]}"))}.");
                var entity = new Entity(type.IdOf(document), 1, type.Newest.Version, text, now, user);
                return (entity, new StoredVersion(entity.Id, 1, VersionKind.Created, entity.SchemaVersion, null, text, now, user));
            }).ToList();
            var ids = await _store.Add(type.Name, created, cancellationToken);
            if (ids.Count > 0) await type.Project(_services, some.Where(document => ids.Contains(type.IdOf(document))).ToList(), [], cancellationToken);
            added += ids.Count;
        }

        return added;
    }

    /// <summary>An entity as it is, or as it was; null when it is not, or was not, there.</summary>
    public async Task<Entity?> Read(RegistryType type, string id, int? version, DateTimeOffset? asOf, CancellationToken cancellationToken)
    {
        if (asOf is { } time) version = await _store.VersionAt(type.Name, id, time, cancellationToken) ?? 0;
        var entity = version is { } past ? await AsOf(type, id, past, cancellationToken) : await _store.Find(type.Name, id, locked: false, cancellationToken);
        return entity?.Document is null ? null : entity;
    }

    /// <summary>Entities that are there, by id.</summary>
    public async Task<IReadOnlyList<Entity>> List(RegistryType type, string? after, int count, CancellationToken cancellationToken) =>
        await _store.List(type.Name, after, count, cancellationToken);

    /// <summary>How an entity became what it is, oldest first; null when there never was one.</summary>
    /// <param name="after">The version to begin behind; 0 for the first.</param>
    public async Task<IReadOnlyList<VersionView>?> History(RegistryType type, string id, int after, int count, CancellationToken cancellationToken)
    {
        var versions = await _store.After(type.Name, id, after, count, cancellationToken);
        if (versions.Count == 0 && await _store.Find(type.Name, id, locked: false, cancellationToken) is null) return null;
        var before = after == 0 ? null : (await AsOf(type, id, after, cancellationToken))?.Document;
        return Replay.Changes(before is null ? [] : RegistryJson.Object(before), versions);
    }

    private async Task<Entity?> AsOf(RegistryType type, string id, int version, CancellationToken cancellationToken) =>
        Replay.Entity(await _store.UpTo(type.Name, id, version, cancellationToken)) is { } entity && entity.Version == version ? entity : null;

    private async Task<RegistryAnswer> Change(
        RegistryType type, string id, Precondition precondition, Func<JsonObject, JsonObject> change, string user, CancellationToken cancellationToken)
    {
        var (present, refusal) = await Present(type, id, precondition, cancellationToken);
        if (refusal is not null) return refusal;
        var before = RegistryJson.Object(present!.Document!);
        var after = change(before);
        var text = RegistryJson.Text(after);
        using var document = JsonDocument.Parse(text);
        var faults = Check(type, document.RootElement);
        if (!faults.Any && document.RootElement.GetProperty(type.Key).GetString() != id) faults.Add(type.Key, $"must be {id}: it is the id");
        if (faults.Any) return new RegistryAnswer.Invalid(faults);
        var difference = Difference.Between(before, after);
        return difference.IsEmpty
            ? new RegistryAnswer.Done(present)
            : await Write(type, present, VersionKind.Changed, difference.ToJson(), text, user, cancellationToken);
    }

    private async Task<(Entity? Present, RegistryAnswer? Refusal)> Present(RegistryType type, string id, Precondition precondition, CancellationToken cancellationToken)
    {
        var present = await _store.Find(type.Name, id, locked: true, cancellationToken);
        if (present?.Document is null) return (null, new RegistryAnswer.NotThere());
        return precondition.Allows(present.Version) ? (present, null) : (null, new RegistryAnswer.OtherVersion(present.Version));
    }

    private async Task<RegistryAnswer> Write(
        RegistryType type, Entity before, VersionKind kind, string? diff, string? document, string user, CancellationToken cancellationToken)
    {
        var entity = new Entity(before.Id, before.Version + 1, type.Newest.Version, document, Now(before.ChangedAt), user);
        var whole = kind == VersionKind.Created || entity.Version % _options.SnapshotEvery == 0;
        var version = new StoredVersion(entity.Id, entity.Version, kind, entity.SchemaVersion, diff, whole ? document : null, entity.ChangedAt, user);
        await _store.Write(type.Name, entity, version, cancellationToken);
        await type.Project(_services, document is null ? [] : [document], document is null ? [entity.Id] : [], cancellationToken);
        return new RegistryAnswer.Done(entity);
    }

    private Faults Check(RegistryType type, JsonElement document)
    {
        var faults = type.Check(document);
        if (faults.Any) return faults;
        if (document.GetProperty(type.Key).GetString() == "schema") faults.Add(type.Key, "must not be schema: the schema has that address");
        if (Encoding.UTF8.GetByteCount(RegistryJson.Text(RegistryJson.Object(document))) > _options.MostDocumentBytes)
            faults.Add("", string.Create(CultureInfo.InvariantCulture, $"must not be longer than {_options.MostDocumentBytes} bytes"));
        return faults;
    }

    // The database keeps microseconds. The clock of another replica may be behind, and history goes forward only.
    private DateTimeOffset Now(DateTimeOffset before)
    {
        var now = _clock.GetUtcNow();
        now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
        return now > before ? now : before;
    }

    private static Entity Nothing(string id) => new(id, 0, 0, null, DateTimeOffset.MinValue, "");
}
