using System.Diagnostics;
using System.Text.Json;
using EseErp.Launcher;

namespace EseErp.SystemTests;

/// <summary><c>./ese bench peers</c> in small: every way does the work, is killed amid it, and is accounted for.</summary>
public sealed class PeersTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(9);

    [Fact]
    public async Task Should_measure_every_peer_and_account_for_what_a_kill_left()
    {
        var file = Path.Combine(ThrowAwayDirectory.Create(), "peers.json");
        var lab = Path.Combine(Checkout.Root, "infra", "lab", Checkout.BuiltInto, "ese-lab.dll");
        // Without the variants, which differ in settings.
        string[] ways = ["ours", "wolverine", "rebus", "marten", "in-memory"];
        using var process = Process.Start(new ProcessStartInfo(
            "dotnet", [lab, "bench", "peers", "--quick", "--messages", "60", "--rounds", "1", "--only", .. ways, "--json", file])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Checkout.Root,
        })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var limit = new CancellationTokenSource(s_limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        finally
        {
            // Its servers and workers end with it.
            if (!process.HasExited) process.Kill();
        }

        process.ExitCode.ShouldBe(0, $"{await output}\n{await errors}");
        var peers = JsonElement.Parse(await File.ReadAllTextAsync(file)).GetProperty("peers");
        peers.GetProperty("ways").EnumerateArray().Select(way => way.GetProperty("key").GetString()).ShouldBe(ways);
        foreach (var way in peers.GetProperty("ways").EnumerateArray())
        {
            way.GetProperty("settings").GetString().ShouldNotBeNullOrEmpty();
            way.GetProperty("perSecond").GetDouble().ShouldBeGreaterThan(0);
            way.GetProperty("p50").GetDouble().ShouldBeGreaterThan(0);
            var round = way.GetProperty("rounds").EnumerateArray().ShouldHaveSingleItem();
            round.GetProperty("undisturbed").GetProperty("lost").GetInt32().ShouldBe(0, $"{way}");
            round.GetProperty("kill").GetProperty("filed").GetInt32().ShouldBe(60);
        }

        var ours = peers.GetProperty("ways")[0];
        ours.GetProperty("exactlyOnce").GetBoolean().ShouldBeTrue($"{ours}");
        peers.GetProperty("verdicts").GetArrayLength().ShouldBe(3);
    }
}
