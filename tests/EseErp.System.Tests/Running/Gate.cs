using Npgsql;

namespace EseErp.SystemTests.Running;

/// <summary>Holds a service up before one certain statement, so that it can be killed just there.</summary>
public sealed class Gate : IAsyncDisposable
{
    private const long Lock = 20261120;

    private readonly NpgsqlConnection _session;

    private Gate(NpgsqlConnection session) => _session = session;

    /// <summary>Closes the gate in a team's database.</summary>
    /// <param name="before">Such as <c>insert on return_steps</c>.</param>
    /// <param name="when">A condition on the row <c>new</c>.</param>
    public static async Task<Gate> Close(Databases data, string team, string before, string when)
    {
        var gate = new Gate(await data.Open(team));
        await gate.Execute(
            $"""
            select pg_advisory_lock({Lock});
            create or replace function wait_at_gate() returns trigger language plpgsql as 'begin perform pg_advisory_xact_lock({Lock}); return new; end';
            create trigger gate before {before} for each row when ({when}) execute function wait_at_gate();
            """);
        return gate;
    }

    /// <summary>Waits until someone stands before it.</summary>
    public Task Reached() => Eventually.Within(
        Expectations.Soon,
        async () =>
        {
            await using var command = new NpgsqlCommand($"select count(*) from pg_locks where locktype = 'advisory' and objid = {Lock} and not granted", _session);
            return (long)(await command.ExecuteScalarAsync())!;
        },
        waiting => waiting > 0,
        "the gate is reached");

    /// <summary>
    /// Opens it. The sessions that stand before it end: a server does not notice that its client is dead before the statement
    /// is through.
    /// </summary>
    public Task Open() => Execute(
        $"""
        select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = {Lock} and not granted;
        select pg_advisory_unlock_all();
        drop function if exists wait_at_gate cascade;
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
