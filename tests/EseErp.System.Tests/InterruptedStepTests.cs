using Npgsql;

namespace EseErp.SystemTests;

/// <summary>User Support dies between taking the report of a step and telling the teams.</summary>
public sealed class InterruptedStepTests(RunningSystem system) : SystemTest(system)
{
    private const long Gate = 20261120;

    [Fact]
    public async Task Should_tell_the_teams_of_a_step_that_was_reported_just_before_a_kill()
    {
        await using var gate = await Data.Open(Teams.UserSupport);
        await Close(gate);
        try
        {
            // The last step is reported by itself; then the process waits at the gate before it calls anyone.
            var returnId = (await System.File(System.Take(), "traditional")).Expect(201).Json.Text("returnId")!;
            await Eventually.Within(
                Expectations.Soon,
                () => Data.Count(Teams.UserSupport, "select count(*) from returns where return_id = @p0 and reported ->> 'disassembled' is not null", returnId),
                reported => reported == 1,
                "the last step is reported");
            await System.Processes.KillServiceAsync(Teams.UserSupport);
            await Open(gate);
            await System.Processes.WaitUntilReadyAsync(Teams.UserSupport);
            await System.Closed(returnId);
        }
        finally
        {
            await Open(gate);
        }
    }

    private static Task Close(NpgsqlConnection gate) => Execute(
        gate,
        $"""
        select pg_advisory_lock({Gate});
        create or replace function wait_at_gate() returns trigger language plpgsql as 'begin perform pg_advisory_xact_lock({Gate}); return new; end';
        create trigger gate before insert on return_steps for each row when (new.name = 'manufacturing.complete') execute function wait_at_gate();
        """);

    private static Task Open(NpgsqlConnection gate) => Execute(gate, "select pg_advisory_unlock_all(); drop function if exists wait_at_gate cascade");

    private static async Task Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
