using System.Text.Json;
using EseErp.Contracts.UserSupport;
using EseErp.EventStore;
using Npgsql;

namespace EseErp.Benchmarks;

/// <summary>
/// A worker of the pump's twin: the same records deserialised to the same type; the inbox, the rows and the offsets written with one
/// statement each in one transaction and two round trips a batch; by plain Npgsql with prepared statements.
/// </summary>
internal sealed class RawPump : IAsyncDisposable
{
    private sealed record Envelope(Guid Id, DateTimeOffset Time, RefundRequest Data);

    private readonly NpgsqlConnection _connection;
    private readonly IRawReader _reader;
    private readonly NpgsqlBatch _enter;
    private readonly NpgsqlBatch _write;
    private readonly NpgsqlParameter<Guid[]> _ids = new() { TypedValue = [] };
    private readonly NpgsqlParameter<int[]> _days = new() { TypedValue = [] };
    private readonly NpgsqlParameter<string?[]>[] _columns = [.. Enumerable.Range(0, 7).Select(_ => new NpgsqlParameter<string?[]> { TypedValue = [] })];
    private readonly NpgsqlParameter<int[]> _partitions = new() { TypedValue = [] };
    private readonly NpgsqlParameter<long[]> _next = new() { TypedValue = [] };

    private RawPump(NpgsqlConnection connection, IRawReader reader, string group)
    {
        (_connection, _reader) = (connection, reader);
        var enter = new NpgsqlBatchCommand("insert into ese.inbox (consumer_group, event_id, event_day) select $1, * from unnest($2, $3) on conflict do nothing returning event_id")
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = group }, _ids, _days },
        };
        var insert = new NpgsqlBatchCommand(
            "insert into intakes (return_id, order_id, customer_id, sku, serial_number, location, reason) select * from unnest($1, $2, $3, $4, $5, $6, $7)");
        insert.Parameters.AddRange(_columns);
        var move = new NpgsqlBatchCommand(
            """
            insert into ese.group_offsets (topic, partition, next_offset, moved_at) select $1, p.partition, p.next_offset, now() from unnest($2, $3) as p(partition, next_offset)
            on conflict (topic, partition) do update set next_offset = excluded.next_offset, moved_at = excluded.moved_at
            """) { Parameters = { new NpgsqlParameter<string> { TypedValue = reader.Topic }, _partitions, _next } };
        _enter = new NpgsqlBatch(connection) { BatchCommands = { new NpgsqlBatchCommand("begin"), enter } };
        _write = new NpgsqlBatch(connection) { BatchCommands = { insert, move, new NpgsqlBatchCommand("commit") } };
    }

    public static async Task<RawPump> Open(NpgsqlDataSource database, IRawReader reader, string group, CancellationToken cancellationToken)
    {
        var pump = new RawPump(await database.OpenConnectionAsync(cancellationToken), reader, group);
        await pump._enter.PrepareAsync(cancellationToken);
        await pump._write.PrepareAsync(cancellationToken);
        return pump;
    }

    /// <param name="taken">A batch was read.</param>
    /// <param name="count">How many records there are for this worker.</param>
    public async Task Run(int count, Action taken, CancellationToken cancellationToken)
    {
        for (var done = 0; done < count;)
        {
            var values = await _reader.Read(cancellationToken);
            taken();
            var events = values.ConvertAll(value => JsonSerializer.Deserialize<Envelope>(value, EventJson.Options)!);
            await Apply(events, cancellationToken);
            done += values.Count;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _enter.DisposeAsync();
        await _write.DisposeAsync();
        await _connection.DisposeAsync();
        await _reader.DisposeAsync();
    }

    private async Task Apply(List<Envelope> events, CancellationToken cancellationToken)
    {
        _ids.TypedValue = events.Select(e => e.Id).ToArray();
        _days.TypedValue = events.Select(e => (int)(e.Time.ToUnixTimeSeconds() / 86400)).ToArray();
        var fresh = new HashSet<Guid>(events.Count);
        await using (var entered = await _enter.ExecuteReaderAsync(cancellationToken))
            while (await entered.ReadAsync(cancellationToken)) fresh.Add(entered.GetGuid(0));

        var asked = events.Where(e => fresh.Remove(e.Id)).Select(e => e.Data).ToArray();
        Set(0, asked, request => request.ReturnId);
        Set(1, asked, request => request.Order.OrderId);
        Set(2, asked, request => request.CustomerId);
        Set(3, asked, request => request.Model.Sku);
        Set(4, asked, request => request.DefectiveItem.SerialNumber);
        Set(5, asked, request => request.Location.Code);
        Set(6, asked, request => request.Reason.ToString());
        var places = _reader.Places;
        (_partitions.TypedValue, _next.TypedValue) = ([.. places.Select(place => place.Partition)], [.. places.Select(place => place.Next)]);
        await _write.ExecuteNonQueryAsync(cancellationToken);
    }

    private void Set(int column, RefundRequest[] asked, Func<RefundRequest, string?> value) =>
        _columns[column].TypedValue = Array.ConvertAll(asked, request => value(request));
}
