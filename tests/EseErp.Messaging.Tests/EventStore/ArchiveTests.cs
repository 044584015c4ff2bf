using EseErp.Launcher;
using Npgsql;

namespace EseErp.Messaging.Tests;

/// <summary>The way out of an event log, as docs/growth.md has it, word for word.</summary>
public sealed class ArchiveTests(TestDatabases databases) : DeliverySpec(databases)
{
    [Fact]
    public async Task Should_move_streams_of_old_returns_and_let_everything_go_on()
    {
        var team = await StartTeam();
        await team.Send(Parcels("RMA-old", 0, 3));
        await team.Send(Parcels("RMA-both", 0, 1));
        await team.Send(Parcels("valuation", 0, 1));
        await team.Send(Parcels("RMA-other", 0, 1));
        await Applied(team, 6);
        await Say(
            """
            alter table ese.event_log disable trigger event_log_is_append_only;
            update ese.event_log set time = time - interval '401 days';
            alter table ese.event_log enable trigger event_log_is_append_only
            """);
        await team.Send(Parcels("RMA-both", 1, 1));
        await team.Send(Parcels("RMA-young", 0, 1));
        await Applied(team, 8);
        await Say(Procedure("Archive an event log"));

        (await Ask<string>("select string_agg(distinct stream_id, ', ' order by stream_id) from ese.event_log_archive")).ShouldBe("RMA-old, RMA-other");
        (await Ask<long>("select count(*) from ese.event_log_archive")).ShouldBe(4);
        (await team.Events()).Select(e => e.StreamId).ShouldBe(["RMA-both", "valuation", "RMA-both", "RMA-young"]);
        // The relay goes on behind what it has published, also when it starts anew; nothing is published or applied again.
        await team.DisposeAsync();
        var again = await StartTeam();
        await again.Send(Parcels("RMA-new", 0, 1));
        ShouldBeOnceEach(
            await Applied(again, 9),
            [.. Parcels("RMA-old", 0, 3), .. Parcels("RMA-both", 0, 2), .. Parcels("valuation", 0, 1), .. Parcels("RMA-other", 0, 1), .. Parcels("RMA-young", 0, 1), .. Parcels("RMA-new", 0, 1)]);
        (await End()).ShouldBe(9);
        (await Should.ThrowAsync<PostgresException>(() => Say("delete from ese.event_log"))).MessageText.ShouldBe("the event log is append-only");
    }

    [Fact]
    public async Task Should_keep_the_last_event_by_which_the_relay_knows_the_log()
    {
        var team = await StartTeam();
        await team.Send(Parcels("RMA-1", 0, 2));
        await team.Send(Parcels("RMA-2", 0, 2));
        await Applied(team, 4);
        await Say(
            """
            alter table ese.event_log disable trigger event_log_is_append_only;
            update ese.event_log set time = time - interval '401 days';
            alter table ese.event_log enable trigger event_log_is_append_only
            """);

        await Say(Procedure("Archive an event log"));

        (await team.Events()).Select(e => e.StreamId).ShouldBe(["RMA-2", "RMA-2"]);
        await team.DisposeAsync();
        var again = await StartTeam();
        await again.Send(Parcels("RMA-3", 0, 1));
        await Applied(again, 5);
        (await End()).ShouldBe(5, "nothing is published a second time");
    }

    /// <summary>The SQL below a heading of the document.</summary>
    private static string Procedure(string heading)
    {
        var document = File.ReadAllText(Path.Combine(Checkout.Root, "docs", "growth.md"));
        var section = document[document.IndexOf($"## {heading}\n", StringComparison.Ordinal)..];
        var begin = section.IndexOf("```sql\n", StringComparison.Ordinal) + "```sql\n".Length;
        return section[begin..section.IndexOf("```\n", begin, StringComparison.Ordinal)];
    }

    private async Task Say(string sql)
    {
        await using var connection = new NpgsqlConnection(Database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
