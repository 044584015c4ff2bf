using EseErp.Launcher.Supervision;
using EseErp.SystemTests.Running;
using EseErp.Testing;
using Npgsql;
using Shouldly;

namespace EseErp.SystemTests;

/// <summary>Nobody waits for a process that stands still, nor for a transaction that is none of theirs.</summary>
public sealed class StandstillTests(RunningSystem system) : SystemTest(system)
{
    private const string Replica = "sales-2";
    private static readonly TimeSpan TakeOver = TimeSpan.FromSeconds(10);

    // Relay.LeaderLock.
    private const string Leader =
        """
        select a.application_name from pg_locks l join pg_stat_activity a using (pid)
        where l.locktype = 'advisory' and l.granted and l.classid = 0 and l.objid = x'4553454c'::int and l.objsubid = 1
          and l.database = (select oid from pg_database where datname = current_database())
        """;

    [Fact]
    public async Task Should_take_over_from_a_process_that_is_stopped_and_do_nothing_twice_when_it_wakes()
    {
        await System.Processes.StartReplicaAsync(Teams.Sales, Replica, portOffset: 12);
        var stopped = 0;
        try
        {
            var client = new PatientClient(System, "event");
            await client.FileEach(System.Take(20), atATime: 8, 202);
            var leader = (await Data.Texts(Teams.Sales, Leader)).Single();
            stopped = System.Processes.ProcessId(leader).ShouldNotBeNull();
            Signals.Send(stopped, Signals.Stop);

            // It owns half of the lanes as well: what is filed now falls into all of them.
            var filed = client.FileEach(System.Take(60), atATime: 8, 202);
            await Eventually.Within(
                TakeOver, async () => (await Data.Texts(Teams.Sales, Leader)).Single() is var now && now != leader, "another process publishes");
            await filed;
            await Eventually.Within(TimeSpan.FromSeconds(20), async () => await Decided(client.ReturnIds) == client.ReturnIds.Count, "Sales has decided every return, and Tracking knows");

            Signals.Send(stopped, Signals.Continue);
            await System.AllClosed(client.ReturnIds);
            await System.ShouldHaveDoneNothingTwice(client.ReturnIds);
            await System.NothingIsWaiting();
            await System.TrialBalanceIsZero();
        }
        finally
        {
            if (stopped > 0) Signals.Send(stopped, Signals.Continue);
            await System.Processes.StopServiceAsync(Replica);
        }
    }

    [Fact]
    public async Task Should_not_wait_for_a_transaction_that_is_somebody_elses()
    {
        await using var session = await Data.Open(Teams.Sales);
        await using var transaction = await session.BeginTransactionAsync();
        await using (var write = new NpgsqlCommand("create temporary table mine (id int); select pg_current_xact_id()::text", session) { Transaction = transaction })
            await write.ExecuteNonQueryAsync();

        var client = new PatientClient(System, "event");
        await client.FileEach(System.Take(10), atATime: 4, 202);
        await System.AllClosed(client.ReturnIds);
        await transaction.RollbackAsync();
    }

    private Task<long> Decided(IEnumerable<string> returnIds) => Data.Count(
        Teams.Tracking, "select count(*) from returns where return_id = any (@p0) and refund ->> 'state' in ('Authorized', 'Issued', 'Rejected')", returnIds.ToArray());
}
