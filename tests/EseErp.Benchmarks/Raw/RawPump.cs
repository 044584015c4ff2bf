using System.Text.Json;
using EseErp.Contracts.UserSupport;
using EseErp.EventStore;
using Npgsql;

namespace EseErp.Benchmarks;

/// <summary>
/// A worker of the pump's twin: the same records deserialised to the same type, the inbox and the rows written with one
/// statement each in one transaction a batch, then the offsets; by plain Npgsql with prepared statements.
/// </summary>
internal sealed class RawPump : IAsyncDisposable
{
    private sealed record Envelope(Guid Id, DateTimeOffset Time, RefundRequest Data);

    private readonly NpgsqlConnection _connection;
    private readonly IRawReader _reader;
    private readonly NpgsqlCommand _enter;
    private readonly NpgsqlCommand _insert;

    private RawPump(NpgsqlConnection connection, IRawReader reader, string group)
    {
        (_connection, _reader) = (connection, reader);
        _enter = new NpgsqlCommand(
            "insert into ese.inbox (consumer_group, event_id, event_day) select $1, * from unnest($2, $3) on conflict do nothing returning event_id", connection)
        {
            Parameters = { new NpgsqlParameter<string> { TypedValue = group }, new NpgsqlParameter<Guid[]>(), new NpgsqlParameter<int[]>() },
        };
        _insert = new NpgsqlCommand(
            "insert into intakes (return_id, order_id, customer_id, sku, serial_number, location, reason) select * from unnest($1, $2, $3, $4, $5, $6, $7)", connection);
        for (var column = 0; column < 7; column++) _insert.Parameters.Add(new NpgsqlParameter<string?[]>());
    }

    public static async Task<RawPump> Open(NpgsqlDataSource database, IRawReader reader, string group, CancellationToken cancellationToken)
    {
        var pump = new RawPump(await database.OpenConnectionAsync(cancellationToken), reader, group);
        // The types are known by the values.
        ((NpgsqlParameter<Guid[]>)pump._enter.Parameters[1]).TypedValue = [];
        ((NpgsqlParameter<int[]>)pump._enter.Parameters[2]).TypedValue = [];
        foreach (NpgsqlParameter<string?[]> parameter in pump._insert.Parameters) parameter.TypedValue = [];
        await pump._enter.PrepareAsync(cancellationToken);
        await pump._insert.PrepareAsync(cancellationToken);
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
            await _reader.Commit(cancellationToken);
            done += values.Count;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _enter.DisposeAsync();
        await _insert.DisposeAsync();
        await _connection.DisposeAsync();
        await _reader.DisposeAsync();
    }

    private async Task Apply(List<Envelope> events, CancellationToken cancellationToken)
    {
        await using var transaction = await _connection.BeginTransactionAsync(cancellationToken);
        ((NpgsqlParameter<Guid[]>)_enter.Parameters[1]).TypedValue = events.Select(e => e.Id).ToArray();
        ((NpgsqlParameter<int[]>)_enter.Parameters[2]).TypedValue = events.Select(e => (int)(e.Time.ToUnixTimeSeconds() / 86400)).ToArray();
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
        await _insert.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private void Set(int column, RefundRequest[] asked, Func<RefundRequest, string?> value) =>
        ((NpgsqlParameter<string?[]>)_insert.Parameters[column]).TypedValue = Array.ConvertAll(asked, request => value(request));
}
