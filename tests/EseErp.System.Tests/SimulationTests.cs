using EseErp.Lab.Returns;
using EseErp.Lab.Simulation;
using EseErp.Launcher.Supervision;

namespace EseErp.SystemTests;

/// <summary><c>./ese simulate</c> at a running system.</summary>
public sealed class SimulationTests(RunningSystem system) : SystemTest(system)
{
    [Fact]
    public async Task Should_file_at_the_rate_and_say_exactly_what_became_of_every_return()
    {
        var run = Run(new SimulationOptions
        {
            Seed = 5, Rate = 15, For = TimeSpan.FromSeconds(4), Clients = 3,
            Mix = new ReturnMix { Traditional = 0.5, Declined = 0.1, Refused = 0.1 },
            Quiet = TimeSpan.FromSeconds(30),
        });

        await run.RunAsync(_ => { }, CancellationToken.None);

        var answered = run.Tally.Answered;
        answered.Count.ShouldBe(run.Sent);
        answered.ShouldAllBe(each => (each.Filed.Answer == FilingAnswer.Refused) == (each.Arrival.Planned.Fate == ReturnFate.Refused));
        run.Tally.PerClient.Count.ShouldBe(3);
        run.Tally.PerClient.Sum(client => client.Answered).ShouldBe(run.Sent);
        run.Tally.AllClients.Answered.ShouldBe(run.Sent);
        run.Tally.PerOutcome.Sum(outcome => outcome.Count).ShouldBe(run.Sent);
        run.Tally.PerMode.Select(mode => mode.Of).ShouldBe(["event", "traditional"]);
        run.Tally.PerMode.Sum(mode => mode.Answered).ShouldBe(answered.Count(each => each.Filed.Answer != FilingAnswer.Refused));
        run.Tally.PerMode.Single(mode => mode.Of == "event").AnsweredInFull.ShouldBe(0);
        run.Tally.PerMode.Single(mode => mode.Of == "traditional").ShouldSatisfyAllConditions(mode => mode.AnsweredInFull.ShouldBe(mode.Answered - mode.Incomplete));
        var completed = answered.Count(each => each.Arrival.Planned.Fate == ReturnFate.Completes);
        run.Tally.PerOutcome.Where(outcome => outcome.Outcome == "completed").Sum(outcome => outcome.Count).ShouldBe(completed);
        run.Tally.AllClients.Completed.ShouldBe(completed);
        run.Tally.PerClient.Sum(client => client.Completed).ShouldBe(completed);
        run.Tally.PerOutcome.Where(outcome => outcome.Outcome.StartsWith("declined")).Sum(outcome => outcome.Count)
            .ShouldBe(answered.Count(each => each.Arrival.Planned.Fate == ReturnFate.Declined));
    }

    [Fact]
    public async Task Should_file_no_more_when_asked_to_stop_and_still_hear_the_answers()
    {
        using var stop = new CancellationTokenSource();
        var run = Run(new SimulationOptions { Seed = 6, Rate = 10, For = TimeSpan.FromMinutes(5), Mix = new ReturnMix() });
        var running = run.RunAsync(_ => { }, stop.Token);
        await Eventually.Within(Expectations.Soon, () => Task.FromResult(run.Tally.Answered.Count >= 20), "returns are filed");

        await stop.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(30));

        run.Tally.Answered.Count.ShouldBe(run.Sent);
    }

    [Fact]
    public async Task Should_keep_nothing_back_where_items_come_in_by_themselves()
    {
        var run = Run(new SimulationOptions { Seed = 7, Mix = new ReturnMix { Stuck = 0.1 } });
        (await Should.ThrowAsync<EseErp.Launcher.LauncherException>(() => run.RunAsync(_ => { }, CancellationToken.None)))
            .Message.ShouldContain("--no-auto-advance");
    }

    private SimulationRun Run(SimulationOptions options) =>
        new(options, SystemState.Running(System.Processes.WorkDirectory).ShouldNotBeNull(), System.Processes.Databases);
}
