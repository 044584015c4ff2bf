using EseErp.EventStore;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;

namespace EseErp.Registry;

/// <summary>The registry's two tables, on the connection and in the transaction of the scope's <see cref="DbContext"/>.</summary>
internal sealed class RegistryStore(DbContext db)
{
    private const string EntityColumns = "id, version, schema_version, document, changed_at, changed_by";
    private const string VersionColumns = "id, version, kind, schema_version, diff, snapshot, changed_at, changed_by";

    /// <summary>The entity as it is, deleted or not; null when there never was one.</summary>
    /// <param name="locked">Whether it stays as it is until the end of the open transaction.</param>
    public async Task<Entity?> Find(string type, string id, bool locked, CancellationToken cancellationToken) => (await Read(
        $"select {EntityColumns} from ese.registry_entities where type = @type and id = @id{(locked ? " for update" : "")}",
        command => Key(command, type, id), ReadEntity, cancellationToken)).SingleOrDefault();

    /// <summary>Those that are there, by id.</summary>
    public Task<List<Entity>> List(string type, string? after, int count, CancellationToken cancellationToken) => Read(
        $"select {EntityColumns} from ese.registry_entities where type = @type and id > @id and document is not null order by id limit @count",
        command => Key(command, type, after ?? "").AddWithValue("count", count), ReadEntity, cancellationToken);

    /// <summary>The versions a document as of one is made of: from the last snapshot up to it.</summary>
    public Task<List<StoredVersion>> UpTo(string type, string id, int version, CancellationToken cancellationToken) => Read(
        $"""
        select {VersionColumns} from ese.registry_versions
        where type = @type and id = @id and version <= @version and version >= (
            select max(version) from ese.registry_versions where type = @type and id = @id and version <= @version and snapshot is not null)
        order by version
        """,
        command => Key(command, type, id).AddWithValue("version", version), ReadVersion, cancellationToken);

    public Task<List<StoredVersion>> After(string type, string id, int version, int count, CancellationToken cancellationToken) => Read(
        $"select {VersionColumns} from ese.registry_versions where type = @type and id = @id and version > @version order by version limit @count",
        command =>
        {
            Key(command, type, id).AddWithValue("version", version);
            command.Parameters.AddWithValue("count", count);
        },
        ReadVersion, cancellationToken);

    /// <summary>The version that was current at a time; null when there was none yet.</summary>
    public async Task<int?> VersionAt(string type, string id, DateTimeOffset time, CancellationToken cancellationToken)
    {
        var found = await Read(
            "select version from ese.registry_versions where type = @type and id = @id and changed_at <= @time order by changed_at desc, version desc limit 1",
            command => Key(command, type, id).Add(new NpgsqlParameter("time", NpgsqlDbType.TimestampTz) { Value = time.UtcDateTime }),
            reader => reader.GetInt32(0), cancellationToken);
        return found.Count == 0 ? null : found[0];
    }

    /// <summary>
    /// Writes one version of an entity that is locked or new. Two that create the same entity at once collide on the version's
    /// key: a lost race, which the unit of work runs again.
    /// </summary>
    public async Task Write(string type, Entity entity, StoredVersion version, CancellationToken cancellationToken)
    {
        await Execute(type, [entity],
            "on conflict (type, id) do update set version = excluded.version, schema_version = excluded.schema_version, document = excluded.document, changed_at = excluded.changed_at, changed_by = excluded.changed_by",
            cancellationToken);
        await Append(type, [version], cancellationToken);
    }

    /// <summary>Adds first versions as sets; entities that are there, or were deleted, stay as they are.</summary>
    /// <returns>The ids of those added.</returns>
    public async Task<HashSet<string>> Add(string type, IReadOnlyList<(Entity Entity, StoredVersion Version)> created, CancellationToken cancellationToken)
    {
        var added = await Execute(type, created.Select(one => one.Entity).ToList(), "on conflict do nothing", cancellationToken);
        await Append(type, created.Select(one => one.Version).Where(version => added.Contains(version.Id)).ToList(), cancellationToken);
        return added;
    }

    private async Task<HashSet<string>> Execute(string type, IReadOnlyList<Entity> entities, string onConflict, CancellationToken cancellationToken) => [.. await Read(
        $"""
        insert into ese.registry_entities (type, id, version, schema_version, document, changed_at, changed_by)
        select @type, e.id, e.version, e.schema_version, e.document::json, e.changed_at, e.changed_by
        from unnest(@ids, @versions, @schemas, @documents, @times, @users) as e(id, version, schema_version, document, changed_at, changed_by)
        order by e.id
        {onConflict} returning id
        """,
        command =>
        {
            command.Parameters.AddWithValue("type", type);
            command.Parameters.Add(Texts("ids", entities.Select(entity => entity.Id)));
            command.Parameters.AddWithValue("versions", entities.Select(entity => entity.Version).ToArray());
            command.Parameters.AddWithValue("schemas", entities.Select(entity => entity.SchemaVersion).ToArray());
            command.Parameters.Add(Texts("documents", entities.Select(entity => entity.Document)));
            command.Parameters.Add(Times("times", entities.Select(entity => entity.ChangedAt)));
            command.Parameters.Add(Texts("users", entities.Select(entity => entity.ChangedBy)));
        },
        reader => reader.GetString(0), cancellationToken)];

    private Task<List<string>> Append(string type, IReadOnlyList<StoredVersion> versions, CancellationToken cancellationToken) => Read(
        """
        insert into ese.registry_versions (type, id, version, kind, schema_version, diff, snapshot, changed_at, changed_by)
        select @type, v.id, v.version, v.kind, v.schema_version, v.diff::json, v.snapshot::json, v.changed_at, v.changed_by
        from unnest(@ids, @versions, @kinds, @schemas, @diffs, @snapshots, @times, @users)
             as v(id, version, kind, schema_version, diff, snapshot, changed_at, changed_by)
        returning id
        """,
        command =>
        {
            command.Parameters.AddWithValue("type", type);
            command.Parameters.Add(Texts("ids", versions.Select(version => version.Id)));
            command.Parameters.AddWithValue("versions", versions.Select(version => version.Version).ToArray());
            command.Parameters.Add(Texts("kinds", versions.Select(version => version.Kind.ToString())));
            command.Parameters.AddWithValue("schemas", versions.Select(version => version.SchemaVersion).ToArray());
            command.Parameters.Add(Texts("diffs", versions.Select(version => version.Diff)));
            command.Parameters.Add(Texts("snapshots", versions.Select(version => version.Snapshot)));
            command.Parameters.Add(Times("times", versions.Select(version => version.ChangedAt)));
            command.Parameters.Add(Texts("users", versions.Select(version => version.ChangedBy)));
        },
        reader => reader.GetString(0), cancellationToken);

    private async Task<List<T>> Read<T>(string sql, Action<NpgsqlCommand> set, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var command = await db.Command(sql, cancellationToken);
            set(command);
            var rows = new List<T>();
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken)) rows.Add(read(reader));
            return rows;
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    private static NpgsqlParameterCollection Key(NpgsqlCommand command, string type, string id)
    {
        command.Parameters.AddWithValue("type", type);
        command.Parameters.AddWithValue("id", id);
        return command.Parameters;
    }

    private static Entity ReadEntity(NpgsqlDataReader reader) => new(
        reader.GetString(0), reader.GetInt32(1), reader.GetInt32(2), reader.IsDBNull(3) ? null : reader.GetString(3),
        reader.GetFieldValue<DateTimeOffset>(4), reader.GetString(5));

    private static StoredVersion ReadVersion(NpgsqlDataReader reader) => new(
        reader.GetString(0), reader.GetInt32(1), Enum.Parse<VersionKind>(reader.GetString(2)), reader.GetInt32(3),
        reader.IsDBNull(4) ? null : reader.GetString(4), reader.IsDBNull(5) ? null : reader.GetString(5),
        reader.GetFieldValue<DateTimeOffset>(6), reader.GetString(7));

    private static NpgsqlParameter Texts(string name, IEnumerable<string?> values) =>
        new(name, NpgsqlDbType.Array | NpgsqlDbType.Text) { Value = values.ToArray() };

    private static NpgsqlParameter Times(string name, IEnumerable<DateTimeOffset> values) =>
        new(name, NpgsqlDbType.Array | NpgsqlDbType.TimestampTz) { Value = values.Select(value => value.UtcDateTime).ToArray() };
}
