using System.Text.Json;

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
