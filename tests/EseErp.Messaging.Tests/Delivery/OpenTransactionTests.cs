using System.Diagnostics;
using EseErp.EventStore;
using Npgsql;

namespace EseErp.Messaging.Tests;

/// <summary>Who is in the way of the log's readers, and for how long.</summary>
public sealed class OpenTransactionTests(TestDatabases databases) : DeliverySpec(databases)
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Should_not_be_delayed_by_a_transaction_that_has_appended_nothing(bool inOwnDatabase, bool prepared)
    {
        if (prepared && await Ask<string>("select current_setting('max_prepared_transactions')") == "0") return;
        var team = await StartTeam();
        await team.Send(new ParcelSent("RMA-1", 0));
        await Applied(team, 1);
        var name = $"foreign-{Guid.NewGuid():N}";
        var foreign = await RawTransaction.Begin(inOwnDatabase ? Database : Databases.Server.Connect("postgres"));
        try
        {
            await foreign.Execute("select pg_current_xact_id()");
            if (inOwnDatabase) await foreign.WriteElsewhere();
            if (prepared) await foreign.Execute($"prepare transaction '{name}'");

            // A position that was given out and never came has readers ask who may still write there.
            await using (var burnt = await RawTransaction.Begin(Database))
            {
                await burnt.Append("RMA-2", 1);
                await burnt.Rollback();
            }

            await team.Send(new ParcelSent("RMA-1", 1));

            await Eventually.Within(Soon, async () => (await team.Receipts()).Count, count => count == 2, "the event to be published and applied");
            (await team.Events()).Count.ShouldBe(2);
        }
        finally
        {
            if (prepared) await foreign.Execute($"rollback prepared '{name}'");
            await foreign.DisposeAsync();
        }
    }

    [Fact]
    public async Task Should_be_delayed_by_a_transaction_that_has_appended_and_stands_still_no_longer_than_the_service_lets_it()
    {
        var team = await StartTeam();
        await team.Send(new ParcelSent("RMA-1", 0));
        await Applied(team, 1);
        // As a process of the service that was stopped in the middle of its work.
        await using var pool = ServiceDatabase.Open(Database);
        await using var session = await pool.OpenConnectionAsync();
        await using var transaction = await session.BeginTransactionAsync();
        await using (var append = new NpgsqlCommand(
            """
            insert into ese.event_log (stream_id, stream_version, event_id, type, subject, time, correlation_id, coordination, data)
            values ('RMA-2', 1, gen_random_uuid(), 'ese.parcels.parcel-received.v1', 'RMA-2', now(), '', 'event', '{}')
            """, session, transaction)) await append.ExecuteNonQueryAsync();
        var clock = Stopwatch.StartNew();

        await team.Send(new ParcelSent("RMA-1", 1));

        await Eventually.Within(
            ServiceDatabase.LongestStandstill + TimeSpan.FromSeconds(5), async () => (await team.Receipts()).Count, count => count == 2, "the event to be published and applied");
        clock.Elapsed.ShouldBeGreaterThan(ServiceDatabase.LongestStandstill - TimeSpan.FromSeconds(1), "it might have been passed by");
        // What stood still never came.
        (await team.Events()).Select(e => e.StreamId).ShouldBe(["RMA-1", "RMA-1"]);
    }
}
