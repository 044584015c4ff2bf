using System.Globalization;
using System.Text.Json;
using EseErp.Contracts;
using EseErp.Launcher;
using Npgsql;
using Replay = EseErp.Launcher.Api.Replay;

namespace EseErp.SystemTests;

/// <summary>The broker no longer has everything: whoever would read it again is told so before anything is touched. On a system of its own, as that cannot be undone.</summary>
public sealed class DroppedRecordsTests(RunningSystem system) : IClassFixture<RunningSystem>
{
    private RunningSystem System { get; } = system;

    private Databases Data => System.Data;

    [Fact]
    public async Task Should_refuse_to_read_again_what_the_broker_no_longer_has_and_touch_nothing()
    {
        // Only the embedded broker's records can be dropped at will; KafkaDroppedTests has the same at that engine.
        if (System.Processes.KafkaBootstrapServers is not null) return;
        var returnId = await FileAndClose();
        // So that User Support, too, listens to something that was there; either answer will do.
        var called = (await System.File(System.Take(), "event")).Expect(202).Json.Text("returnId")!;
        await System.Post(Teams.UserSupport, $"returns/{called}/cancel", new { reason = "not needed any more" });
        await System.Closed(called);
        await System.NothingIsWaiting();
        var dropped = await DropADay();
        var later = await FileAndClose();
        await System.NothingIsWaiting();
        var (projection, shown) = ((await Projection()).GetRawText(), (await System.Get(Teams.Tracking, $"returns/{returnId}")).Expect(200).Body);
        var offsets = await Offsets();

        foreach (var (team, path) in new[] { (Teams.Tracking, "projection/rebuild") }.Concat(Listeners.Select(team => (team, "consumers/replay"))))
        {
            var refused = (await System.Post(team, path)).Expect(409).Json;
            refused.Text("detail")!.ShouldContain("no longer has all records from the beginning");
            refused.Text("detail")!.ShouldContain("acceptLoss=true");
            var topics = refused.List("dropped").ToDictionary(topic => topic.Text("topic")!, topic => topic.GetProperty("records").GetInt64());
            topics.ShouldNotBeEmpty(team);
            foreach (var (topic, records) in topics) records.ShouldBe(dropped[topic], topic);
            if (team == Teams.Tracking) topics.Keys.Order().ShouldBe(dropped.Keys.Except([Topics.ValuationCommands]).Order());

            var said = (await Should.ThrowAsync<LauncherException>(() => Replay(team, acceptLoss: false))).Message;
            said.ShouldContain("Nothing was changed");
            said.ShouldContain($"./ese replay --service {team} --from-beginning --accept-loss");
        }

        (await Projection()).GetRawText().ShouldBe(projection);
        (await System.Get(Teams.Tracking, $"returns/{returnId}")).Expect(200).Body.ShouldBe(shown);
        // What was passed over is noted now and then; nobody was sent back.
        var now = await Offsets();
        foreach (var (place, next) in offsets) now[place].ShouldBeGreaterThanOrEqualTo(next, place);

        // Who accepts it gets what is left.
        (await Replay(Teams.Sales, acceptLoss: true))[^1].ShouldStartWith("Events in its log: ");
        (await Replay(Teams.Tracking, acceptLoss: true))[^1].ShouldStartWith("The projection is live again, as build ");
        (await System.Get(Teams.Tracking, $"returns/{returnId}")).Expect(404);
        (await System.Get(Teams.Tracking, $"returns/{later}")).Expect(200);
    }

    private static IEnumerable<string> Listeners { get; } = [Teams.UserSupport, Teams.Sales, Teams.Inventory, Teams.Manufacturing, Teams.Accounting, Teams.Tracking];

    private async Task<JsonElement> Projection() => (await System.Get(Teams.Tracking, "projection")).Expect(200).Json;

    private async Task<string> FileAndClose()
    {
        var returnId = (await System.File(System.Take(), "event")).Expect(202).Json.Text("returnId")!;
        await System.Closed(returnId);
        return returnId;
    }

    private async Task<Dictionary<string, long>> Offsets()
    {
        var offsets = new Dictionary<string, long>();
        foreach (var team in Listeners)
            foreach (var stored in await Data.Texts(team, $"select '{team} ' || topic || ' ' || partition || ' ' || next_offset from ese.group_offsets"))
                offsets[stored[..stored.LastIndexOf(' ')]] = long.Parse(stored[(stored.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
        return offsets;
    }

    /// <summary>Has the broker drop what it holds, as it does with a day that has outlived the retention.</summary>
    /// <returns>How many records of each topic are gone.</returns>
    private async Task<Dictionary<string, long>> DropADay()
    {
        await using var broker = NpgsqlDataSource.Create(System.Processes.Databases.BrokerOwner);
        await using (var drop = broker.CreateCommand(
            """
            do $$ declare t text; begin
                for t in select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'records'::regclass loop
                    execute format('drop table %I', t);
                end loop;
            end $$
            """)) await drop.ExecuteNonQueryAsync();
        var dropped = new Dictionary<string, long>();
        await using var command = broker.CreateCommand(
            "select t.name, sum(h.next_offset)::bigint from heads h join topics t on t.id = h.topic_id group by t.name having sum(h.next_offset) > 0 and t.name not like '%.dlt'");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync()) dropped[reader.GetString(0)] = reader.GetInt64(1);
        return dropped;
    }

    private async Task<List<string>> Replay(string team, bool acceptLoss)
    {
        var said = new List<string>();
        using var client = new Launcher.Api.EseClient(System.Processes.PortBase);
        await new Replay(client, said.Add).RunAsync(team, acceptLoss, CancellationToken.None);
        return said;
    }
}
