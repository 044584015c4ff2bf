using Npgsql;

namespace EseErp.SystemTests.Running;

/// <summary>
/// Holds User Support up at many points at once, each in a return of its own, so that one kill -9 hits the traditional process
/// at all of them: before a call is written down and made, or after the team did it and before the answer is written down.
/// </summary>
public sealed class Gates : IAsyncDisposable
{
    private const long Lock = 20261121;

    private readonly NpgsqlConnection _session;
    private readonly int _count;

    private Gates(NpgsqlConnection session, int count) => (_session, _count) = (session, count);

    /// <summary>Closes a gate for each of these points.</summary>
    public static async Task<Gates> Close(Databases data, IReadOnlyCollection<GatePoint> points)
    {
        var gates = new Gates(await data.Open(Teams.UserSupport), points.Count);
        await gates.Execute(
            $"""
            select pg_advisory_lock({Lock});
            create table gate_points (serial_number text, step text, moment text);
            grant select on gate_points to public;
            create function wait_at_gates() returns trigger language plpgsql as $$
            begin
              if (tg_op = 'INSERT' or (old.outcome = 'Unknown' and new.outcome <> 'Unknown')) and exists (
                select from gate_points point join returns using (serial_number)
                where returns.return_id = new.return_id and point.step = new.name and point.moment = tg_op)
              then perform pg_advisory_xact_lock({Lock}); end if;
              return new;
            end $$;
            create trigger gates before insert or update on return_steps for each row execute function wait_at_gates();
            """);
        await using var command = new NpgsqlCommand("insert into gate_points select * from unnest(@serials, @steps, @moments)", gates._session);
        command.Parameters.AddWithValue("serials", points.Select(point => point.SerialNumber).ToArray());
        command.Parameters.AddWithValue("steps", points.Select(point => point.Step).ToArray());
        command.Parameters.AddWithValue("moments", points.Select(point => point.Answered ? "UPDATE" : "INSERT").ToArray());
        await command.ExecuteNonQueryAsync();
        return gates;
    }

    /// <summary>Waits until someone stands before each.</summary>
    public Task Reached() => Eventually.Within(
        Expectations.Soon,
        async () =>
        {
            await using var command = new NpgsqlCommand($"select count(*) from pg_locks where locktype = 'advisory' and objid = {Lock} and not granted", _session);
            return (long)(await command.ExecuteScalarAsync())!;
        },
        waiting => waiting >= _count,
        $"all {_count} gates are reached");

    /// <summary>Opens them; see <see cref="Gate.Open"/>.</summary>
    public Task Open() => Execute(
        $"""
        select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = {Lock} and not granted;
        select pg_advisory_unlock_all();
        drop function if exists wait_at_gates cascade;
        drop table if exists gate_points;
        """);

    public async ValueTask DisposeAsync()
    {
        await Open();
        await _session.DisposeAsync();
    }

    private async Task Execute(string sql)
    {
        await using var command = new NpgsqlCommand(sql, _session);
        await command.ExecuteNonQueryAsync();
    }
}

/// <summary>Where the process of one return stops.</summary>
/// <param name="Answered">After the team did it, before the answer is written down; else before the call is made.</param>
public sealed record GatePoint(string SerialNumber, string Step, bool Answered);
