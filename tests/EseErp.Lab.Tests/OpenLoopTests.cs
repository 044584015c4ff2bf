using System.Net;
using EseErp.DemoData;
using EseErp.Lab.Returns;
using EseErp.Lab.Simulation;

namespace EseErp.Lab.Tests;

/// <summary>How <c>./ese simulate</c> and <c>./ese compare</c> file returns and measure.</summary>
public sealed class OpenLoopTests
{
    [Fact]
    public async Task Should_neither_wait_for_answers_nor_forget_the_time_that_a_return_waited()
    {
        using var server = new HttpListener();
        var address = $"http://127.0.0.1:{FreePort.Find()}/";
        server.Prefixes.Add(address);
        server.Start();
        var serving = AnswerOnceAllHaveComeAsync(server, 10);
        using var intake = new Intake([new Uri(address)], TimeSpan.FromSeconds(30));
        var loop = new OpenLoop(intake);
        // Each was due a second before anything could be filed.
        var due = TimeSpan.FromSeconds(-1);
        var arrivals = Plan(10).Select((planned, number) => new Arrival(number, due, 0, planned, $"key-{number}")).ToList();
        var answered = new List<AnsweredReturn>();

        await loop.RunAsync(arrivals, each => { lock (answered) answered.Add(each); }, CancellationToken.None, CancellationToken.None);

        loop.Sent.ShouldBe(10);
        answered.ShouldAllBe(each => each.Filed.Answer == FilingAnswer.Accepted);
        answered.ShouldAllBe(each => each.Latency >= TimeSpan.FromSeconds(1));
        await serving;
    }

    [Fact]
    public void Should_arrive_at_the_rate_asked_for_and_alike_for_the_same_seed()
    {
        static IReadOnlyList<TimeSpan> Times(int seed) =>
            Arrivals.Times(new Random(seed), TimeSpan.FromSeconds(100), 200, at => at.TotalSeconds is >= 50 and < 60 ? 200 : 20);

        Times(1).ShouldBe(Times(1));
        Times(1).ShouldNotBe(Times(2));
        Times(1).ShouldBeInOrder();
        Times(1).Count(at => at.TotalSeconds < 50).ShouldBeInRange(850, 1150);
        Times(1).Count(at => at.TotalSeconds is >= 50 and < 60).ShouldBeInRange(1850, 2150);
    }

    [Fact]
    public void Should_keep_the_shares_of_the_mix_to_the_return()
    {
        var mix = new ReturnMix { Traditional = 0.5, Declined = 0.05, Refused = 0.02, Stuck = 0.1 };
        var returns = ReturnPlan.Draw(new Random(3), 400, mix, Devices());

        returns.Count(planned => planned.Fate == ReturnFate.Declined).ShouldBe(20);
        returns.Count(planned => planned.Fate == ReturnFate.Refused).ShouldBe(8);
        returns.Count(planned => planned.Fate == ReturnFate.Stuck).ShouldBe(40);
        returns.Count(planned => planned.IsTraditional).ShouldBeInRange(160, 240);
        returns.Where(planned => planned.IsAcceptable).Select(planned => planned.Device.SerialNumber).ShouldBeUnique();
        returns.Select(planned => planned.Device.Reason).Distinct().Count().ShouldBeGreaterThan(4);
        ReturnPlan.Draw(new Random(3), 400, mix, Devices()).ShouldBe(returns);
    }

    [Fact]
    public void Should_say_percentiles_to_a_thousandth()
    {
        var percentiles = Latencies.Of(Enumerable.Range(1, 1000).Select(number => TimeSpan.FromMilliseconds(number)));
        percentiles.Count.ShouldBe(1000);
        percentiles.P50.ShouldBe(500, 1);
        percentiles.P95.ShouldBe(950, 1);
        percentiles.P99.ShouldBe(990, 1);
        percentiles.Longest.ShouldBe(1000, 1);
        Latencies.Of([]).ShouldBe(Percentiles.None);
    }

    [Fact]
    public void Should_tell_the_modes_apart()
    {
        var tally = new Tally();
        foreach (var each in SyntheticRounds.Of("healthy", "event", returns: 100, latency: 10).Answered.Concat(SyntheticRounds.Of("healthy", "traditional", returns: 50, latency: 400).Answered))
            tally.Add(each);

        tally.PerMode.Select(mode => (mode.Of, mode.Answered, mode.AnsweredInFull)).ShouldBe([("event", 100, 0), ("traditional", 50, 50)]);
        tally.PerMode[0].Latency.P99.ShouldBe(10, 0.1);
        tally.PerMode[1].Latency.P50.ShouldBe(400, 1);
        tally.PerMode[1].Latency.IsOfEnough.ShouldBeFalse("fifty are too few to show");
        tally.Read(150, new Dictionary<string, long?>()).Latency.Select(each => (each.Mode, each.Latency.Count)).ShouldBe([("event", 100L), ("traditional", 50L)]);
    }

    private static DevicePool Devices() => new(DemoCatalogue.Create(new DateOnly(2026, 11, 20), 1000), 3);

    private static IReadOnlyList<PlannedReturn> Plan(int returns) =>
        ReturnPlan.Draw(new Random(1), returns, new ReturnMix { Declined = 0 }, Devices());

    // Whoever waits for an answer before filing the next one never gets any.
    private static async Task AnswerOnceAllHaveComeAsync(HttpListener server, int requests)
    {
        var waiting = new List<HttpListenerContext>();
        while (waiting.Count < requests) waiting.Add(await server.GetContextAsync());
        foreach (var context in waiting)
        {
            context.Response.StatusCode = 202;
            await using var writer = new StreamWriter(context.Response.OutputStream);
            await writer.WriteAsync("""{"returnId":"RMA-2026-000001","status":"Requested"}""");
        }
    }
}
