using Npgsql;

namespace EseErp.Messaging.Tests;

/// <summary>An event that is written, and so has its transaction id and position, but not committed before the test says so.</summary>
internal sealed class DelayedAppend : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;

    private DelayedAppend(NpgsqlConnection connection, NpgsqlTransaction transaction, string stream) =>
        (_connection, _transaction, Stream) = (connection, transaction, stream);

    public string Stream { get; }

    public static async Task<DelayedAppend> Begin(string database, string type)
    {
        var stream = EventStoreFixture.NewStream();
        var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand(
            """
            insert into ese.event_log (stream_id, stream_version, event_id, type, subject, time, correlation_id, coordination, data)
            values (@stream, 1, gen_random_uuid(), @type, @stream, now(), '', 'event', '{}')
            """, connection, transaction);
        command.Parameters.AddWithValue("stream", stream);
        command.Parameters.AddWithValue("type", type);
        await command.ExecuteNonQueryAsync();
        return new DelayedAppend(connection, transaction, stream);
    }

    public Task Commit() => _transaction.CommitAsync();

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
