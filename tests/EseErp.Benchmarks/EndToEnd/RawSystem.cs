using System.Diagnostics;
using EseErp.Launcher.Supervision;
using Npgsql;

namespace EseErp.Benchmarks;

/// <summary>
/// The twin of a whole system: the rows a round of it left, written again into tables with the same columns and indexes, in
/// as many transactions, over as many connections as the services' pumps have, and nothing else. The services stand still
/// meanwhile.
/// </summary>
/// <remarks>
/// It copies rows in PostgreSQL's own format, in parallel, each once: what a return's row was before its last change, the
/// order of events, every read and every computation is spared. Nothing that works can be as fast.
/// </remarks>
internal static class RawSystem
{
    private const int ConnectionsPerDatabase = 4;

    /// <param name="transactions">How many transactions the round had; those that left no row of their own update a place here.</param>
    public static async Task<TimeSpan> Run(SystemUnderTest system, RowsWritten rows, long transactions, CancellationToken cancellationToken)
    {
        var writers = new List<Writer>();
        var stopped = new List<int>();
        try
        {
            var places = Math.Max(0, transactions - rows.Transactions.Values.Sum());
            foreach (var database in rows.Transactions.Keys)
            {
                await Prepare(system, database, rows);
                for (var number = 0; number < ConnectionsPerDatabase; number++)
                    writers.Add(await Writer.Open(system, database, rows, number, (int)(places / rows.Transactions.Count), cancellationToken));
            }

            await system.Checkpoint();
            foreach (var pid in system.ServiceProcesses)
                if (Signals.Send(pid, Signals.Stop)) stopped.Add(pid);
            var started = Stopwatch.GetTimestamp();
            await Task.WhenAll(writers.Select(writer => Task.Run(() => writer.Write(cancellationToken), cancellationToken)));
            return Stopwatch.GetElapsedTime(started);
        }
        finally
        {
            foreach (var pid in stopped) Signals.Send(pid, Signals.Continue);
            foreach (var writer in writers) await writer.DisposeAsync();
            foreach (var database in rows.Transactions.Keys) await system.Execute(database, "drop schema if exists twin cascade");
        }
    }

    private static async Task Prepare(SystemUnderTest system, string database, RowsWritten rows)
    {
        await system.Execute(database, "drop schema if exists twin cascade; create schema twin; create table twin.places (id int primary key, n bigint not null)");
        await system.Execute(database, $"insert into twin.places select id, 0 from generate_series(0, {ConnectionsPerDatabase - 1}) id");
        foreach (var table in rows.Tables.Where(table => table.Database == database))
            await system.Execute(database, $"create table {Twin(table)} (like {table.Table} including all)");
    }

    private static string Twin(TableRows table) => $"twin.\"{table.Table.Replace(".", "_", StringComparison.Ordinal).Replace("\"", "", StringComparison.Ordinal)}\"";

    /// <summary>One connection and its share of the transactions.</summary>
    private sealed class Writer : IAsyncDisposable
    {
        private readonly NpgsqlConnection _connection;
        private readonly NpgsqlCommand _place;
        private readonly List<List<(string Table, byte[] Rows)>> _transactions = [];
        private readonly int _places;

        private Writer(NpgsqlConnection connection, int number, int places)
        {
            (_connection, _places) = (connection, (places / ConnectionsPerDatabase) + (number < places % ConnectionsPerDatabase ? 1 : 0));
            _place = new NpgsqlCommand($"update twin.places set n = n + 1 where id = {number}", connection);
        }

        public static async Task<Writer> Open(
            SystemUnderTest system, string database, RowsWritten rows, int number, int places, CancellationToken cancellationToken)
        {
            var writer = new Writer(await system.Connect(database, cancellationToken), number, places);
            await writer._place.PrepareAsync(cancellationToken);
            var count = rows.Transactions[database];
            for (var index = number; index < count; index += ConnectionsPerDatabase)
                writer._transactions.Add([.. rows.Tables.Where(table => table.Database == database)
                    .Select(table => (Twin(table), Share(table.Rows, index, count))).Where(share => share.Item2.Length > 0)]);
            return writer;
        }

        public async Task Write(CancellationToken cancellationToken)
        {
            var placed = 0;
            for (var index = 0; index < _transactions.Count; index++)
            {
                await using (var transaction = await _connection.BeginTransactionAsync(cancellationToken))
                {
                    foreach (var (table, rows) in _transactions[index])
                    {
                        await using var copy = await _connection.BeginRawBinaryCopyAsync($"copy {table} from stdin (format binary)", cancellationToken);
                        await copy.WriteAsync(rows, cancellationToken);
                    }

                    await transaction.CommitAsync(cancellationToken);
                }

                // The rest in even shares between them.
                for (; placed < (long)_places * (index + 1) / _transactions.Count; placed++) await _place.ExecuteNonQueryAsync(cancellationToken);
            }

            for (; placed < _places; placed++) await _place.ExecuteNonQueryAsync(cancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            await _place.DisposeAsync();
            await _connection.DisposeAsync();
        }

        private static byte[] Share(IReadOnlyList<ReadOnlyMemory<byte>> rows, int index, int count)
        {
            var (from, to) = ((int)((long)rows.Count * index / count), (int)((long)rows.Count * (index + 1) / count));
            if (from == to) return [];
            using var stream = new MemoryStream();
            stream.Write(RowsWritten.Header);
            for (var row = from; row < to; row++) stream.Write(rows[row].Span);
            stream.Write(RowsWritten.Trailer);
            return stream.ToArray();
        }
    }
}
