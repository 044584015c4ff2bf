using Npgsql;

namespace EseErp.Messaging.Tests;

/// <summary>A transaction whose every step a test decides, on a connection of its own.</summary>
internal sealed class RawTransaction : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;

    private RawTransaction(NpgsqlConnection connection) => _connection = connection;

    /// <param name="database">A connection string; what it says of time limits holds.</param>
    public static async Task<RawTransaction> Begin(string database)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        var transaction = new RawTransaction(connection);
        await transaction.Execute("begin");
        return transaction;
    }

    public async Task Execute(string sql)
    {
        await using var command = new NpgsqlCommand(sql, _connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Writes elsewhere, which gives the transaction its id.</summary>
    public Task WriteElsewhere() => Execute($"insert into shelves (sku, stock) values ('{Guid.NewGuid():N}', 1)");

    /// <summary>Appends a parcel that was sent.</summary>
    public async Task Append(string stream, int version, Guid? eventId = null)
    {
        await using var command = new NpgsqlCommand(
            """
            insert into ese.event_log (stream_id, stream_version, event_id, type, subject, time, correlation_id, coordination, data)
            values ($1, $2, $3, 'ese.parcels.parcel-sent.v1', $1, now(), 'correlation', 'event', json_build_object('returnId', $1::text, 'number', $2::int))
            """, _connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = stream });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = version });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = eventId ?? Guid.NewGuid() });
        await command.ExecuteNonQueryAsync();
    }

    public Task Commit() => Execute("commit");

    public Task Rollback() => Execute("rollback");

    /// <summary>Ends the session with it; what was not committed or prepared is rolled back.</summary>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
