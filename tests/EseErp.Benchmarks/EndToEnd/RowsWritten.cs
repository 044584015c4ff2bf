using System.Buffers.Binary;
using Npgsql;

namespace EseErp.Benchmarks;

/// <summary>The rows one table got in a round, as PostgreSQL's binary copy writes them.</summary>
/// <param name="Table">Schema and name, quoted.</param>
internal sealed record TableRows(string Database, string Table, IReadOnlyList<ReadOnlyMemory<byte>> Rows)
{
    public long Bytes => Rows.Sum(row => (long)row.Length);
}

/// <summary>
/// Everything a round left in the databases, found by the transactions that wrote it: rows as they are in the end, whether
/// they were inserted or changed.
/// </summary>
/// <param name="Transactions">Per database, how many transactions left a row.</param>
internal sealed record RowsWritten(IReadOnlyList<TableRows> Tables, IReadOnlyDictionary<string, int> Transactions)
{
    // PostgreSQL's signature, no flags, no extension.
    public static readonly byte[] Header = [.. "PGCOPY\n"u8, 0xff, 0x0d, 0x0a, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    public static readonly byte[] Trailer = [0xff, 0xff];

    public static async Task<RowsWritten> Since(SystemUnderTest system, ulong xid, CancellationToken cancellationToken)
    {
        var (tables, transactions) = (new List<TableRows>(), new Dictionary<string, int>());
        foreach (var database in system.Databases)
        {
            await using var connection = await system.Connect(database, cancellationToken);
            var names = await Names(connection, cancellationToken);
            var found = new List<string>();
            foreach (var name in names)
            {
                var rows = await Read(connection, $"select * from {name} where xmin::text::bigint >= {xid}", cancellationToken);
                if (rows.Count == 0) continue;
                tables.Add(new TableRows(database, name, rows));
                found.Add($"select xmin::text from {name} where xmin::text::bigint >= {xid}");
            }

            if (found.Count == 0) continue;
            await using var count = new NpgsqlCommand($"select count(*)::int from ({string.Join(" union ", found)}) t", connection);
            transactions[database] = (int)(await count.ExecuteScalarAsync(cancellationToken))!;
        }

        return new RowsWritten(tables, transactions);
    }

    private static async Task<List<string>> Names(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where c.relkind = 'r' and n.nspname in ('public', 'ese') order by 1
            """, connection);
        var names = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) names.Add(reader.GetString(0));
        return names;
    }

    private static async Task<List<ReadOnlyMemory<byte>>> Read(NpgsqlConnection connection, string query, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await using (var copy = await connection.BeginRawBinaryCopyAsync($"copy ({query}) to stdout (format binary)", cancellationToken))
            await copy.CopyToAsync(buffer, cancellationToken);
        var bytes = buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
        var rows = new List<ReadOnlyMemory<byte>>();
        for (var place = Header.Length; BinaryPrimitives.ReadInt16BigEndian(bytes.Span[place..]) is var columns and >= 0;)
        {
            var start = place;
            place += sizeof(short);
            for (var column = 0; column < columns; column++)
                place += sizeof(int) + Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(bytes.Span[place..]));
            rows.Add(bytes[start..place]);
        }

        return rows;
    }
}
