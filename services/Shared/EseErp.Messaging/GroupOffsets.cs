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
            offsets[(reader.GetString(0), reader.GetInt32(1))] = (reader.GetInt64(2), reader.GetFieldValue<DateTimeOffset>(3));
        return offsets;
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
