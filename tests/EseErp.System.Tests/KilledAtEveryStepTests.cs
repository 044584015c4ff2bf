using EseErp.Contracts.Accounting;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.Sales;
using EseErp.DemoData;
using EseErp.SystemTests.Scenarios;

namespace EseErp.SystemTests;

/// <summary>
/// kill -9 of User Support before and after every call it makes for a traditional return, whichever way that goes: each return
/// comes to the same end as one that nobody disturbed, by the same calls, and no team does anything twice.
/// </summary>
[Collection(nameof(UnhurriedSystem))]
public sealed class KilledAtEveryStepTests(UnhurriedSystem unhurried)
{
    private readonly RunningSystem _system = unhurried.System;

    [Theory]
    [InlineData("Completed", false)]
    [InlineData("Completed", true)]
    [InlineData("Cancelled and recalled; Expired", false)]
    [InlineData("Cancelled and recalled; Expired", true)]
    [InlineData("Waived; Back to stock; Other device accepted; Other device declined", false)]
    [InlineData("Waived; Back to stock; Other device accepted; Other device declined", true)]
    public async Task Should_end_like_a_return_that_nobody_disturbed(string ways, bool answered)
    {
        var disturbed = new List<(TraditionalWay Way, string Step, string End, TraditionalWalk Walk)>();
        foreach (var way in ways.Split("; ").Select(name => TraditionalWays.All.Single(way => way.Name == name)))
        {
            var undisturbed = new TraditionalWalk(_system, _system.Take());
            await undisturbed.Do(way.Actions);
            var (end, steps) = (await EndOf(undisturbed), (await undisturbed.Steps()).Except(way.KnownSteps).ToList());
            steps.Count.ShouldBeGreaterThanOrEqualTo(way.LeastSteps, $"{way.Name}: {string.Join(' ', steps)}");
            // A question is written down with its answer, so there is only one moment to it.
            disturbed.AddRange(steps.Where(step => !answered || step != "sales.review").Select(step => (way, step, end, new TraditionalWalk(_system, _system.Take()))));
        }

        await using (var gates = await Gates.Close(_system.Data, [.. disturbed.Select(one => new GatePoint(one.Walk.SerialNumber, one.Step, answered))]))
        {
            var walking = disturbed.Select(one => one.Walk.Do(one.Way.Actions)).ToList();
            await gates.Reached();
            await _system.Processes.KillServiceAsync(Teams.UserSupport);
            await gates.Open();
            await _system.Processes.WaitUntilReadyAsync(Teams.UserSupport);
            await Task.WhenAll(walking);
        }

        foreach (var (way, step, end, walk) in disturbed)
            (await EndOf(walk)).ShouldBe(end, $"{walk.ReturnId} ({way.Name}) was killed {(answered ? "after" : "before")} {step}");
        var returnIds = disturbed.Select(one => one.Walk.ReturnId).ToList();
        await _system.ShouldHaveDoneNothingTwice(returnIds);
        await ShouldHaveToldOfEachCallOnce(returnIds);
        await _system.TrialBalanceIsZero();
        await _system.StockIsConsistent();
    }

    private async Task<string> EndOf(TraditionalWalk walk) => string.Join(
        '\n',
        (await _system.Get(Teams.UserSupport, $"returns/{walk.ReturnId}")).Expect(200).Json.Text("status"),
        string.Join(' ', await walk.Steps()),
        (await _system.Get(Teams.Sales, $"order-refund-requests/{walk.ReturnId}")).As<OrderRefundRequestView>().State,
        (await _system.Get(Teams.Inventory, $"shipment-requests/{walk.ReturnId}")).As<ShipmentRequestView>().State,
        (await _system.Get(Teams.Inventory, $"shipment-requests/{walk.ReturnId}")).As<ShipmentRequestView>().Receipt.State,
        (await _system.Get(Teams.Manufacturing, $"disassembly-orders/{walk.ReturnId}")).As<DisassemblyOrderView>().State,
        (await _system.Get(Teams.Accounting, $"asset-disposals/{walk.ReturnId}")).As<AssetDisposalView>().State,
        string.Join(' ', await _system.Data.Texts(Teams.Accounting, "select cause from journal_entries where return_id = @p0 order by 1", walk.ReturnId)));

    // What is told of the calls that were done, all events together, is what was written down of them.
    private async Task ShouldHaveToldOfEachCallOnce(IReadOnlyCollection<string> returnIds) =>
        (await _system.Data.Texts(
            Teams.UserSupport,
            """
            with told as (
                select stream_id as return_id, call ->> 'step' as name, count(*)
                from ese.event_log, jsonb_array_elements(data::jsonb -> 'calls') as call
                where stream_id = any(@p0) and type = 'ese.user-support.teams-called.v1' and call ->> 'outcome' in ('Done', 'Undone')
                group by 1, 2
            ), made as (
                select return_id, name, count(*) from return_steps where return_id = any(@p0) group by 1, 2
            )
            select format('%s %s: made %s, told %s', return_id, name, made.count, told.count)
            from made full join told using (return_id, name) where made.count is distinct from told.count
            """,
            returnIds.ToArray())).ShouldBeEmpty();
}
