using EseErp.Launcher;
using Replay = EseErp.Launcher.Api.Replay;

namespace EseErp.SystemTests;

/// <summary>Whatever a team has heard it may hear again: no document, no fact and no entry comes of it.</summary>
public sealed class ReplayTests(RunningSystem system) : SystemTest(system)
{
    [Fact]
    public async Task Should_do_nothing_twice_when_every_team_reads_everything_again()
    {
        var returnIds = await FileSome();
        var before = await Everything();

        foreach (var team in Teams.Documents.Keys)
        {
            var said = await Replay(team);
            said[0].ShouldStartWith($"{team} reads ");
            said[^2].ShouldMatch($"^{team} has read everything: [1-9][0-9,]* events came again and the inbox stopped them, 0 were new.$");
            said[^1].ShouldMatch("^Events in its log: ([0-9,]+) before, \\1 after.$");
        }

        await System.NothingIsWaiting();
        (await Everything()).ShouldBe(before);
        await System.ShouldHaveDoneNothingTwice(returnIds);
        await System.TrialBalanceIsZero();
        await System.StockIsConsistent();
    }

    [Fact]
    public async Task Should_build_the_projection_again_from_the_command_line()
    {
        var returnId = (await FileSome())[0];
        var before = (await System.Get(Teams.Tracking, $"returns/{returnId}")).Expect(200).Body;

        (await Replay(Teams.Tracking))[^1].ShouldStartWith("The projection is live again, as build ");

        (await System.Get(Teams.Tracking, $"returns/{returnId}")).Expect(200).Body.ShouldBe(before);
    }

    [Fact]
    public async Task Should_say_why_a_service_cannot_be_replayed()
    {
        await System.Processes.StartReplicaAsync(Teams.Sales, "sales-3", portOffset: 13);
        try
        {
            (await Should.ThrowAsync<LauncherException>(() => Replay(Teams.Sales))).Message.ShouldContain("Other replicas of this service are in its consumer group");
        }
        finally
        {
            await System.Processes.StopServiceAsync("sales-3");
        }

        await System.Processes.StopServiceAsync(Teams.Sales);
        (await Should.ThrowAsync<LauncherException>(() => Replay(Teams.Sales))).Message.ShouldContain("sales does not answer");
    }

    private async Task<List<string>> Replay(string team)
    {
        var said = new List<string>();
        using var client = new Launcher.Api.EseClient(System.Processes.PortBase);
        await new Replay(client, said.Add).RunAsync(team, acceptLoss: false, CancellationToken.None);
        return said;
    }

    private async Task<List<string>> FileSome()
    {
        var returnIds = new List<string>();
        foreach (var (mode, status) in new[] { ("event", 202), ("traditional", 201) })
            foreach (var device in System.Take(5)) returnIds.Add((await System.File(device, mode)).Expect(status).Json.Text("returnId")!);
        returnIds.Add((await System.File(System.Catalogue.Examples.NotDelivered.Return, "event")).Expect(202).Json.Text("returnId")!);
        await System.AllClosed(returnIds);
        await System.NothingIsWaiting();
        return returnIds;
    }

    /// <summary>Every document, every fact and every entry there is, as the databases have them.</summary>
    private async Task<List<string>> Everything()
    {
        var everything = new List<string>();
        foreach (var (team, documents) in Teams.Documents)
        {
            everything.AddRange(await Data.Texts(team, $"select '{team} ' || to_json(d)::text from {documents} d order by return_id"));
            everything.AddRange(await Data.Texts(team, "select event_id || ' ' || type from ese.event_log order by position"));
        }

        everything.AddRange(await Data.Texts(Teams.Accounting, "select to_json(e)::text from journal_entries e order by 1"));
        everything.AddRange(await Data.Texts(Teams.Inventory, "select to_json(s)::text from stock_items s order by sku"));
        return everything;
    }
}
