using EseErp.Contracts.Inventory;
using EseErp.DemoData;
using EseErp.SystemTests.Scenarios;

namespace EseErp.SystemTests;

/// <summary>Every way a return can go, in each mode: all teams, the journal and the customer end where the table says, and the modes agree.</summary>
[Collection(nameof(UnhurriedSystem))]
public sealed class ScenarioTests(UnhurriedSystem unhurried)
{
    private static readonly string[] Modes = ["event", "traditional", "traditional-async"];

    private readonly RunningSystem _system = unhurried.System;

    public static TheoryData<string> Ordinary => [.. AllScenarios.Ordinary.Select(scenario => scenario.Name)];

    public static TheoryData<string> HighValue => [.. AllScenarios.HighValue.Select(scenario => scenario.Name)];

    public static TheoryData<string> SoldOut => [.. AllScenarios.SoldOut.Select(scenario => scenario.Name)];

    [Theory]
    [MemberData(nameof(Ordinary))]
    public Task Should_end_the_same_in_all_modes(string name) =>
        Play(AllScenarios.Ordinary.Single(scenario => scenario.Name == name), Alike(Modes.Length));

    [Theory]
    [MemberData(nameof(HighValue))]
    public Task Should_end_the_same_in_all_modes_when_a_person_decides(string name) =>
        Play(AllScenarios.HighValue.Single(scenario => scenario.Name == name), Alike(Modes.Length, line => line.Sku == _system.Catalogue.Examples.HighValue.Return.Sku && line.NetPrice > 1000));

    [Theory]
    [MemberData(nameof(SoldOut))]
    public async Task Should_end_the_same_in_all_modes_when_nothing_is_in_stock(string name)
    {
        var devices = Alike(Modes.Length, line => line.Sku == _system.Catalogue.Examples.OutOfStock.Return.Sku);
        var scenario = AllScenarios.SoldOut.Single(scenario => scenario.Name == name);
        // One after the other: what is replenished is for whoever has waited longest.
        foreach (var (mode, device) in Modes.Zip(devices)) await Play(scenario, mode, device);
    }

    [Fact]
    public async Task Should_give_the_last_unit_to_one_of_two_that_race_for_it()
    {
        foreach (var mode in Modes)
        {
            var devices = Alike(2, line => line.Sku == _system.Catalogue.Examples.LastUnitInStock.Return.Sku).Select(device => new ReturnOnItsWay(_system, mode, device)).ToList();
            var stock = (await _system.Get(Teams.Inventory, $"stock/{devices[0].Device.Sku}")).As<StockItemView>();
            if (stock.Available == 0) await devices[0].Replenish(1);
            await Task.WhenAll(devices.Select(sent => sent.File()));
            var states = new List<ShipmentState>();
            foreach (var sent in devices)
                states.Add((await _system.Get(Teams.Inventory, $"shipment-requests/{sent.ReturnId}")).As<ShipmentRequestView>().State);
            states.ShouldBe([ShipmentState.Reserved, ShipmentState.Backordered], ignoreOrder: true, mode);

            // Whoever has it gives it up, and the other gets it.
            var (winner, loser) = states[0] == ShipmentState.Reserved ? (devices[0], devices[1]) : (devices[1], devices[0]);
            await winner.Cancel();
            await loser.Inventory(request => request.State == ShipmentState.Reserved);
            await loser.Cancel();
        }
    }

    [Theory]
    [InlineData("event")]
    [InlineData("traditional")]
    [InlineData("traditional-async")]
    public async Task Should_decide_cancel_against_receipt_once_for_all_teams(string mode)
    {
        foreach (var device in Alike(2))
        {
            var sent = new ReturnOnItsWay(_system, mode, device);
            await sent.File();
            // Either may win; whoever loses is told so, and every team agrees with the winner.
            var cancelling = _system.Post(Teams.UserSupport, $"returns/{sent.ReturnId}/cancel", new { reason = "Changed my mind." }, Guid.NewGuid().ToString());
            var receiving = mode == "event"
                ? _system.Post(Teams.Inventory, "receipts", new { sent.ReturnId, device.SerialNumber, condition = "as described" }, Guid.NewGuid().ToString())
                : _system.Post(Teams.UserSupport, $"returns/{sent.ReturnId}/steps/item-received", new { device.SerialNumber, condition = "as described" }, Guid.NewGuid().ToString());
            var answers = await Task.WhenAll(cancelling, receiving);
            answers.Count(answer => answer.Status < 300).ShouldBe(1, string.Join('\n', answers.Select(answer => answer.ToString())));
            var cancelled = answers[0].Status < 300;
            // The return is called off with Inventory's word; Sales hears of it after that.
            var (status, refund) = cancelled ? ("Cancelled", "Voided") : ("Completed", "Issued");
            await _system.Tracked(
                sent.ReturnId, view => (view.Text("status"), view.Text("facets.refund.state")) == (status, refund), "ends as the winner says");
        }
    }

    [Fact]
    public async Task Should_go_on_when_the_dock_has_told_Inventory_itself()
    {
        var device = Alike(1)[0];
        var sent = new ReturnOnItsWay(_system, "traditional", device);
        await sent.File();
        var receipt = new { sent.ReturnId, device.SerialNumber, condition = "as described" };
        (await _system.Post(Teams.Inventory, "receipts", receipt, Guid.NewGuid().ToString())).Status.ShouldBe(201);

        (await ReportAs("ANOTHER-DEVICE")).Status.ShouldBe(409);
        (await ReportAs(device.SerialNumber)).Status.ShouldBe(200);
        await sent.Diagnose("Scrap");
        await sent.TakeApart();

        await _system.Tracked(
            sent.ReturnId, view => (view.Text("status"), view.Text("facets.refund.state")) == ("Completed", "Issued"), "is completed like any other");

        Task<Answer> ReportAs(string serialNumber) => _system.Post(
            Teams.UserSupport, $"returns/{sent.ReturnId}/steps/item-received", new { serialNumber, condition = "as described" }, Guid.NewGuid().ToString());
    }

    private async Task Play(Scenario scenario, List<DemoReturn> devices)
    {
        var outcomes = await Task.WhenAll(Modes.Zip(devices, (mode, device) => Play(scenario, mode, device)));
        outcomes.Distinct().Count().ShouldBe(1, $"the modes agree: {string.Join('\n', outcomes.AsEnumerable())}");
    }

    private async Task<Outcome> Play(Scenario scenario, string mode, DemoReturn device)
    {
        var sent = new ReturnOnItsWay(_system, mode, device);
        await scenario.Play(sent);
        var expected = new Outcome(scenario.Customer, scenario.Refund, scenario.Replacement, scenario.Item, scenario.Disassembly, scenario.Disposal, "");
        // The customer may see the end before Accounting has booked the last fact of another team.
        var outcome = await Eventually.Within(
            Expectations.Soon,
            () => Outcome.Of(sent),
            seen => seen with { Journal = "" } == expected && seen.Causes.SequenceEqual(scenario.Causes),
            $"{sent} ends as {expected}, with {string.Join(", ", scenario.Causes)} in the journal");
        await _system.TrialBalanceIsZero();
        return outcome;
    }

    // Devices of one model and reason, so that all costs are the same.
    private List<DemoReturn> Alike(int count)
    {
        var waiting = new Dictionary<(string, string), List<DemoReturn>>();
        while (true)
        {
            var device = _system.Take();
            if (!waiting.TryGetValue((device.Sku, device.Reason), out var alike)) waiting[(device.Sku, device.Reason)] = alike = [];
            alike.Add(device);
            if (alike.Count == count) return alike;
        }
    }

    // Defective devices that were delivered lately, of orders that Take() leaves alone.
    private List<DemoReturn> Alike(int count, Func<DemoOrderLine, bool> suits) => _system.Catalogue.Orders
        .Where(order => order.DeliveredAt is { } delivered && delivered > DateTimeOffset.UtcNow.AddDays(-25))
        .SelectMany(order => order.Lines.Select((line, index) => (line, Device: _system.Catalogue.ReturnOf(order, index, "Defective"))))
        .Where(sold => suits(sold.line) && unhurried.Taken.Add(sold.line.SerialNumber))
        .Select(sold => sold.Device)
        .Take(count)
        .ToList();
}
