using EseErp.EventStore;
using Npgsql;

namespace EseErp.Messaging;

/// <summary>How far the service's event log is published, in the service's own database.</summary>
internal sealed class PublishedPosition(NpgsqlDataSource database, string topic) : IPublishedPosition
{
    public async Task<long> Read(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select position from ese.relay_position where topic = $1");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = topic });
        return (long?)await command.ExecuteScalarAsync(cancellationToken) ?? 0;
    }

    public async Task Move(long from, long to, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            insert into ese.relay_position as p (topic, position, updated_at) select $1, $3, now()
            where $2 = 0 or exists (select from ese.relay_position known where known.topic = $1)
            on conflict (topic) do update set position = excluded.position, updated_at = excluded.updated_at where p.position = $2
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = topic });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = from });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = to });
        if (await command.ExecuteNonQueryAsync(cancellationToken) == 0) throw new PublisherReplacedException(topic);
    }

    public async Task<bool> Holds(long position, Guid eventId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"select exists (select from {EventLog.Table} where position = $1 and event_id = $2)");
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = position });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = eventId });
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }
}
