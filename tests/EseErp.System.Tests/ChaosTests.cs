using System.Text.Json;
using EseErp.Lab.Chaos;
using EseErp.Lab.CommandLine;

namespace EseErp.SystemTests;

/// <summary><c>./ese chaos</c> as a person runs it.</summary>
public sealed class ChaosTests : IDisposable
{
    private readonly LabCheckout _checkout = new();
    private readonly LabRun _chaos;

    public ChaosTests() => _chaos = new LabRun(_checkout);

    [Fact]
    public async Task Should_keep_every_promise_through_faults_and_account_for_every_return()
    {
        var path = Path.Combine(_checkout.Root, "report.json");
        _chaos.Start("chaos", "--verbose", "--faults", "5", "--returns", "150", "--seed", "7", "--json", path);
        await _chaos.Process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(8));

        _chaos.Process.ExitCode.ShouldBe(0, _chaos.Output);
        var report = JsonElement.Parse(await File.ReadAllTextAsync(path));
        report.GetProperty("verdict").Is("kept").ShouldBeTrue(_chaos.Output);
        report.Text("settings.seed").ShouldBe("7");
        var faults = report.List("faults");
        faults.Count.ShouldBe(5);
        faults.Select(fault => fault.Text("kind")).Distinct().Count().ShouldBe(5, "each kind comes once before any comes twice");
        faults.ShouldAllBe(fault => fault.GetProperty("recoveredAfterSeconds").GetDouble() >= 0);
        ShouldAddUp(report);
        Directory.EnumerateFileSystemEntries(Path.Combine(_checkout.Work, "chaos")).ShouldBeEmpty("data and logs are deleted");
    }

    [Fact]
    public async Task Should_leave_nothing_behind_on_Ctrl_C()
    {
        _chaos.Start("chaos", "--verbose", "--faults", "50", "--returns", "500", "--seed", "1");
        await _chaos.Says("fault 2 of 50");
        await _chaos.ShouldLeaveNothingOnCtrlC(Path.Combine(_checkout.Work, "chaos"));
    }

    [Theory]
    [InlineData("--faults -1", "--faults must be from 0 to 1,000.")]
    [InlineData("--returns 0", "--returns must be from 1 to 100,000.")]
    [InlineData("--seed -5", "--seed must be from 0 to 2,147,483,647.")]
    [InlineData("--traditional-share 1.5", "--traditional-share must be from 0 to 1.")]
    [InlineData("--broker rabbit", "--broker must be one of: ")]
    [InlineData("--patience 3", "--patience must be from 10 to 3,600 seconds.")]
    [InlineData("--returns many", "many")]
    public void Should_refuse_what_makes_no_sense(string arguments, string complaint) =>
        ChaosCommand.Create().Parse(arguments).Errors.ShouldContain(error => error.Message.Contains(complaint));

    [Fact]
    public void Should_plan_the_same_for_the_same_seed()
    {
        Plan(3).ShouldBe(Plan(3));
        Plan(3).ShouldNotBe(Plan(4));

        static string Plan(int seed)
        {
            var returns = RequestPlan.Make(seed, 300, 0.2, new DateOnly(2026, 11, 20));
            returns.Returns.Select(planned => planned.Device.SerialNumber).ShouldBeUnique();
            returns.Requests.SelectMany(request => request.Returns).ShouldBe(returns.Returns);
            returns.Returns.Count(planned => !planned.IsAcceptable).ShouldBe(9);
            var faults = FaultPlan.Make(seed, 30, FaultKind.For("postgres"));
            return JsonSerializer.Serialize(new
            {
                returns.Returns,
                keys = returns.Requests.Select(request => request.Key),
                faults = faults.Select(fault => $"{fault.Number} {fault.Kind} {fault.Victim} {fault.Gap} {fault.Hold}"),
            });
        }
    }

    [Fact]
    public void Should_have_devices_for_twenty_thousand_returns()
    {
        var plan = RequestPlan.Make(seed: 5, 20_000, 0.2, new DateOnly(2026, 11, 20));
        plan.Returns.Count.ShouldBe(20_000);
        var stock = plan.Catalogue.Products.ToDictionary(product => product.Sku, product => product.InitialStock);
        plan.Returns.Where(planned => planned.IsAcceptable).GroupBy(planned => planned.Device.Sku)
            .ShouldAllBe(model => model.Count() <= stock[model.Key]);
    }

    public void Dispose() => _chaos.Dispose();

    private static void ShouldAddUp(JsonElement report)
    {
        int Number(string path) => int.Parse(report.Text(path)!);
        Number("clients.filed").ShouldBe(150);
        (Number("clients.accepted") + Number("clients.declinedAtOnce")).ShouldBe(150);
        Number("audit.settled").ShouldBe(Number("clients.accepted"));
        (Number("audit.lost"), Number("audit.doubled"), Number("audit.deadLetters")).ShouldBe((0, 0, 0));
        var refunds = report.GetProperty("audit").GetProperty("documents").GetProperty("sales refund").EnumerateObject().ToDictionary(state => state.Name, state => state.Value.GetInt32());
        refunds.Values.Sum().ShouldBe(150);
        refunds["Rejected"].ShouldBe(Number("audit.declined"));
        var effects = report.GetProperty("audit").List("effects");
        effects.ShouldAllBe(effect => effect.GetProperty("due").GetInt32() == effect.GetProperty("done").GetInt32());
        effects.Single(effect => effect.Text("what") == "refunds paid").GetProperty("done").GetInt32().ShouldBe(refunds["Issued"]);
        report.GetProperty("audit").List("trialBalance").ShouldAllBe(currency => currency.GetProperty("balance").GetDecimal() == 0);
    }
}
