using EseErp.EventStore;
using Npgsql;
using NpgsqlTypes;

namespace EseErp.Messaging;

/// <summary>
/// The consumer group's offsets, in the database in which it applies what it reads: they move in the transaction that applies a
/// batch, or after it where a batch had to be divided.
/// </summary>
public sealed class GroupOffsets(NpgsqlDataSource database) : IGroupOffsets
{
    private const string MoveSql = "select ese.move_offsets($1, $2, $3, $4)";

    public async Task<IReadOnlyDictionary<(string Topic, int Partition), long>> Read(IReadOnlyCollection<string> topics, CancellationToken cancellationToken) =>
        (await ReadWithTimes(topics, cancellationToken)).ToDictionary(stored => stored.Key, stored => stored.Value.Next);

    /// <summary>As <see cref="Read"/>, with the time of the last move.</summary>
    internal async Task<Dictionary<(string Topic, int Partition), (long Next, DateTimeOffset MovedAt)>> ReadWithTimes(
        IReadOnlyCollection<string> topics, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select topic, partition, next_offset, moved_at from ese.group_offsets where topic = any ($1)");
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = topics.ToArray() });
        var offsets = new Dictionary<(string, int), (long, DateTimeOffset)>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            offsets[(reader.GetString(0), reader.GetInt32(1))] = (reader.GetInt64(2), reader.IsDBNull(3) ? default : reader.GetFieldValue<DateTimeOffset>(3));
        return offsets;
    }

    /// <summary>Begins topics that the group has never read at their ends; those that it has read are left as they are.</summary>
    internal async Task BeginAtEnds(IReadOnlyCollection<string> topics, IBroker broker, CancellationToken cancellationToken)
    {
        var stored = (await Read(topics, cancellationToken)).Keys.Select(place => place.Topic).ToHashSet();
        var fresh = topics.Where(topic => !stored.Contains(topic)).ToList();
        if (fresh.Count == 0) return;
        var ends = await broker.EndsNow(fresh, cancellationToken);
        // Empty partitions too: what comes into them is new. Of two members that begin at once the first decides.
        await using var command = database.CreateCommand(
            """
            insert into ese.group_offsets (topic, partition, next_offset, moved_at)
            select e.topic, e.partition, e.next, now() from unnest($1, $2, $3) as e(topic, partition, next)
            order by e.topic, e.partition
            on conflict (topic, partition) do nothing
            """);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = ends.Select(end => end.Topic).ToArray() });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = ends.Select(end => end.Partition).ToArray() });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = ends.Select(end => end.Next).ToArray() });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Moves them in a transaction of their own.</summary>
    /// <exception cref="PostgresException">One is not where the move begins; <see cref="WereElsewhere"/>.</exception>
    internal async Task Move(IReadOnlyList<OffsetMove> moves, CancellationToken cancellationToken)
    {
        if (moves.Count == 0) return;
        await using var command = database.CreateCommand(MoveSql);
        AddParameters(command.Parameters, moves);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Moves them when the open unit of work commits.</summary>
    internal static void Move(PendingWrites writes, IReadOnlyList<OffsetMove> moves)
    {
        if (moves.Count > 0) writes.Add(MoveSql, parameters => AddParameters(parameters, moves));
    }

    /// <summary>Notes that a process begins at these offsets.</summary>
    /// <returns>Per topic partition, how many processes in a row have begun there and not got further, this one included.</returns>
    internal async Task<IReadOnlyDictionary<(string Topic, int Partition), int>> Begin(IReadOnlyList<OffsetMove> moves, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            insert into ese.group_offsets as g (topic, partition, next_offset, begun_at, begun)
            select m.topic, m.partition, m.believed, m.believed, 1 from unnest($1, $2, $3) as m(topic, partition, believed) order by m.topic, m.partition
            on conflict (topic, partition) do update set
                begun = case when g.begun_at = g.next_offset then g.begun + 1 else 1 end, begun_at = g.next_offset
            returning topic, partition, begun
            """);
        AddParameters(command.Parameters, moves);
        command.Parameters.RemoveAt(3);
        var begun = new Dictionary<(string, int), int>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) begun[(reader.GetString(0), reader.GetInt32(1))] = reader.GetInt32(2);
        return begun;
    }

    /// <summary>Notes that a record is tried alone now.</summary>
    /// <returns>How often it was, this time included.</returns>
    internal async Task<int> Try(BrokerRecord record, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            """
            update ese.group_offsets set tries = case when trying = $3 then tries + 1 else 1 end, trying = $3
            where topic = $1 and partition = $2
            returning tries
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = record.Topic });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = record.Partition });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = record.Offset });
        return await command.ExecuteScalarAsync(cancellationToken) as int? ?? 1;
    }

    /// <summary>Sends the group back to the oldest records, which members that are still there find out with their next batch.</summary>
    public async Task SendToBeginning(IReadOnlyCollection<string> topics, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("update ese.group_offsets set next_offset = 0, moved_at = now() where topic = any ($1)");
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = topics.ToArray() });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Whether a batch was refused because the offsets were not where its consumer believed.</summary>
    internal static bool WereElsewhere(Exception exception) => exception switch
    {
        PostgresException { SqlState: "ESE01" } => true,
        { InnerException: { } inner } => WereElsewhere(inner),
        _ => false,
    };

    private static void AddParameters(NpgsqlParameterCollection parameters, IReadOnlyList<OffsetMove> moves)
    {
        parameters.Add(new NpgsqlParameter { Value = moves.Select(move => move.Topic).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        parameters.Add(new NpgsqlParameter<int[]> { TypedValue = moves.Select(move => move.Partition).ToArray() });
        parameters.Add(new NpgsqlParameter<long[]> { TypedValue = moves.Select(move => move.From).ToArray() });
        parameters.Add(new NpgsqlParameter<long[]> { TypedValue = moves.Select(move => move.To).ToArray() });
    }
}
