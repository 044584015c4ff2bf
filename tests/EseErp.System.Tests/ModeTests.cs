using EseErp.Contracts;
using EseErp.Contracts.Inventory;

namespace EseErp.SystemTests;

/// <summary>Shows and sets the default coordination mode.</summary>
public sealed class ModeTests(RunningSystem system) : SystemTest(system)
{
    [Fact]
    public async Task Should_process_returns_in_the_mode_that_is_set()
    {
        await System.SetMode("traditional");
        (await System.File(System.Take())).Expect(201).Json.Text("mode").ShouldBe("traditional");
        await System.SetMode("traditional-async");
        (await System.File(System.Take())).Expect(202).Json.Text("mode").ShouldBe("traditional-async");
        await System.SetMode("event");
        (await System.File(System.Take())).Expect(202).Json.Text("mode").ShouldBe("event");
    }

    [Fact]
    public async Task Should_let_a_return_choose_its_own_mode()
    {
        await System.SetMode("traditional");
        (await System.File(System.Take(), "event")).Expect(202).Json.Text("mode").ShouldBe("event");
        await System.SetMode("event");
        (await System.File(System.Take(), "traditional")).Expect(201).Json.Text("mode").ShouldBe("traditional");
    }

    [Fact]
    public async Task Should_keep_the_mode_over_a_restart()
    {
        await System.SetMode("traditional");
        await System.Processes.StopServiceAsync(Teams.UserSupport);
        await System.Processes.StartServiceAsync(Teams.UserSupport);
        (await System.Get(Teams.UserSupport, "mode")).Expect(200).Json.Text("mode").ShouldBe("traditional");
        (await System.File(System.Take())).Expect(201);
    }

    [Fact]
    public async Task Should_not_let_any_team_react_to_an_event_of_a_traditional_return()
    {
        var before = await Positions();
        var returnId = (await System.File(System.Take(), "traditional")).Expect(201).Json.Text("returnId")!;
        await System.Closed(returnId);

        // The teams have seen the events and left them alone.
        await System.NothingIsWaiting();
        var after = await Positions();
        foreach (var team in before.Keys) after[team].ShouldBeGreaterThan(before[team], team);

        (await System.Get(Teams.Inventory, $"shipment-requests/{returnId}")).As<ShipmentRequestView>().Coordination.ShouldBe(CoordinationMode.Traditional);
        var eventIds = (await System.Timeline(returnId)).Select(item => item.GetProperty("eventId").GetGuid()).ToArray();
        foreach (var (team, table) in Teams.Documents)
        {
            (await Data.Texts(team, $"select coordination from {table} where return_id = @p0", returnId)).ShouldBe(["Traditional"], team);
            (await Data.Count(team, "select count(*) from ese.inbox where event_id = any(@p0)", eventIds)).ShouldBe(0, team);
            (await Data.Count(team, "select count(*) from ese.early_facts where return_id = @p0", returnId)).ShouldBe(0, team);
            // A fact that follows from another team's event would name it.
            (await Data.Count(team, "select count(*) from ese.event_log where stream_id = @p0 and (causation_id is not null or coordination <> 'traditional')", returnId))
                .ShouldBe(0, team);
        }

        await System.ShouldHaveDoneNothingTwice([returnId]);
    }

    private async Task<Dictionary<string, long>> Positions()
    {
        var positions = new Dictionary<string, long>();
        foreach (var team in Teams.Documents.Keys)
            positions[team] = (await System.Get(team, "consumers")).Expect(200).Json.EnumerateArray().Sum(position => position.GetProperty("position").GetInt64());
        return positions;
    }
}
