using System.Diagnostics;
using EseErp.Launcher;
using EseClient = EseErp.Launcher.Api.EseClient;
using FaultSettings = EseErp.Launcher.Api.FaultSettings;
using LatencySettings = EseErp.Launcher.Api.LatencySettings;
using TeamFaults = EseErp.Launcher.Api.TeamFaults;

namespace EseErp.SystemTests;

/// <summary>Something goes wrong in one team on purpose: what that means to a return, in either mode.</summary>
public sealed class FaultedTeamTests(RunningSystem system) : SystemTest(system), IDisposable
{
    private readonly EseClient _client = new(system.Processes.PortBase);

    private TeamFaults Faults => new(_client);

    [Fact]
    public async Task Should_settle_at_the_others_while_Inventorys_consumers_are_paused_and_catch_up_when_that_is_lifted()
    {
        await Faults.SetAsync(Teams.Inventory, new FaultSettings { PauseConsumers = true }, CancellationToken.None);
        (await Faults.ReadAsync(Teams.Inventory, CancellationToken.None)).Faults.PauseConsumers.ShouldBeTrue();
        var returnId = (await System.File(System.Take(), "event")).Expect(202).Json.Text("returnId")!;

        await System.Tracked(
            returnId,
            seen => seen.Text("facets.refund.state") == "Authorized" && seen.Text("facets.disassembly.state") == "AwaitingItem"
                && seen.Text("facets.disposal.state") == "Provisional",
            "is answered by the three teams that consume");
        (await System.Documents(Teams.Inventory, returnId)).ShouldBe(0);
        // Calls are not consumed.
        (await System.File(System.Take(), "traditional")).Expect(201);

        await Faults.LiftAsync(Teams.Inventory, CancellationToken.None);
        await System.Closed(returnId);
        (await System.Documents(Teams.Inventory, returnId)).ShouldBe(1);
    }

    [Fact]
    public async Task Should_be_felt_by_the_customer_in_traditional_mode_only_when_a_team_is_slow()
    {
        await Faults.SetAsync(Teams.Inventory, new FaultSettings { Latency = LatencySettings.Constant(TimeSpan.FromMilliseconds(400)) }, CancellationToken.None);
        var clock = Stopwatch.StartNew();
        (await System.File(System.Take(), "traditional")).Expect(201);
        clock.ElapsedMilliseconds.ShouldBeGreaterThan(400);

        var returnId = (await System.File(System.Take(), "event")).Expect(202).Json.Text("returnId")!;
        await System.Settled(returnId);
        var metrics = (await System.Get(Teams.Inventory, "metrics")).Body;
        metrics.ShouldContain("ese_fault_strikes_total{fault=\"latency\",on=\"request\"}");
        metrics.ShouldContain("ese_fault_strikes_total{fault=\"latency\",on=\"message\"}");
    }

    [Fact]
    public async Task Should_do_nothing_twice_in_either_mode_when_a_team_is_flaky()
    {
        await Faults.SetAsync(Teams.Accounting, new FaultSettings { ErrorRate = 0.3, Seed = 7 }, CancellationToken.None);
        var returns = new List<string>();
        foreach (var mode in new[] { "event", "traditional", "event", "traditional", "event" })
        {
            var answer = await System.File(System.Take(), mode);
            answer.Status.ShouldBeOneOf(201, 202, 502, 504);
            returns.Add(answer.Json.Text("returnId")!);
        }

        await Faults.LiftAsync(Teams.Accounting, CancellationToken.None);
        foreach (var returnId in returns)
        {
            // 409 in event mode, where there is nothing to resume; a circuit breaker that the errors opened closes by itself.
            await Eventually.Within(
                Expectations.Soon,
                () => System.Post(Teams.UserSupport, $"returns/{returnId}/resume"),
                answer => answer.Status is 200 or 201 or 409,
                $"{returnId} is resumed");
            await System.Closed(returnId);
        }

        await System.ShouldHaveDoneNothingTwice(returns);
    }

    [Fact]
    public async Task Should_say_what_is_wrong_with_faults_that_make_no_sense()
    {
        var refused = await Should.ThrowAsync<LauncherException>(
            () => Faults.SetAsync(Teams.Sales, new FaultSettings { ErrorRate = 2 }, CancellationToken.None));
        refused.Message.ShouldContain("errorRate");
    }

    public void Dispose() => _client.Dispose();
}
