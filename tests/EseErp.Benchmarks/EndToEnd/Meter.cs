using System.Diagnostics;
using Npgsql;

namespace EseErp.Benchmarks;

/// <summary>What a round took, on everything that takes part.</summary>
/// <param name="Services">Processor time of all services.</param>
/// <param name="Postgres">Processor time of PostgreSQL.</param>
/// <param name="Wal">Bytes of write-ahead log.</param>
/// <param name="Transactions">Transactions that wrote, of the whole cluster.</param>
internal sealed record Spent(TimeSpan Elapsed, TimeSpan Services, TimeSpan Postgres, long Wal, long Transactions, ulong FirstXid);

/// <summary>Measures a stretch of time.</summary>
internal sealed class Meter
{
    private long _started;
    private TimeSpan _services, _postgres;
    private ulong _xid;
    private long _wal;

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_started);

    public static async Task<Meter> Start(SystemUnderTest system)
    {
        // Reads first: the clock starts last.
        var (xid, wal) = await Place(system);
        return new Meter { _services = Services(system), _postgres = Postgres(system), _xid = xid, _wal = wal, _started = Stopwatch.GetTimestamp() };
    }

    public async Task<Spent> Stop(SystemUnderTest system)
    {
        var (elapsed, services, postgres) = (Elapsed, Services(system) - _services, Postgres(system) - _postgres);
        var (xid, wal) = await Place(system);
        return new Spent(elapsed, services, postgres, wal - _wal, (long)(xid - _xid), _xid);
    }

    private static TimeSpan Services(SystemUnderTest system) => Sum(system.ServiceProcesses.Select(ProcessFigures.Cpu));

    private static TimeSpan Postgres(SystemUnderTest system) => ProcessFigures.CpuOfTree(system.PostgresProcess);

    private static TimeSpan Sum(IEnumerable<TimeSpan> times) => times.Aggregate(TimeSpan.Zero, (sum, time) => sum + time);

    private static async Task<(ulong Xid, long Wal)> Place(SystemUnderTest system)
    {
        await using var connection = await system.Connect(system.Databases[0]);
        await using var command = new NpgsqlCommand("select pg_snapshot_xmax(pg_current_snapshot()), (pg_current_wal_insert_lsn() - '0/0')::bigint", connection);
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return (reader.GetFieldValue<ulong>(0), reader.GetInt64(1));
    }
}
