using System.Text.Json;
using EseErp.Lab.Comparison;

namespace EseErp.Lab.Tests;

/// <summary>What <c>./ese compare</c> makes of what it has measured.</summary>
public sealed class ComparisonReportTests
{
    private const string Event = "event", Traditional = "traditional", Async = "traditional-async";

    private static readonly Figure LatencyP50 = Figure.Named("latencyP50"), SettleP50 = Figure.Named("settleP50"), Cpu = Figure.Named("cpu");

    [Fact]
    public void Should_answer_who_coordinates_apart_from_whether_the_caller_waits()
    {
        var result = TwoRoundsEach(mode => mode switch { Event => (10, 50), Traditional => (100, 100), _ => (11, 100) });

        result.Better(LatencyP50, Question.WhoCoordinates).ShouldBeNull("both answer at once");
        result.Better(LatencyP50, Question.WhetherTheCallerWaits).ShouldBe(Async);
        result.Better(SettleP50, Question.WhoCoordinates).ShouldBe(Event);
        result.Better(SettleP50, Question.WhetherTheCallerWaits).ShouldBeNull("the same calls are made");
    }

    [Fact]
    public void Should_claim_no_difference_that_was_not_in_every_round()
    {
        SyntheticRounds.Result(
            SyntheticRounds.Of("healthy", Event, 1, latency: 10), SyntheticRounds.Of("healthy", Event, 2, latency: 40),
            SyntheticRounds.Of("healthy", Async, 1, latency: 30), SyntheticRounds.Of("healthy", Async, 2, latency: 90))
            .Better(LatencyP50, Question.WhoCoordinates).ShouldBeNull();
        SyntheticRounds.Result(SyntheticRounds.Of("healthy", Event, latency: 10), SyntheticRounds.Of("healthy", Async, latency: 90))
            .Better(LatencyP50, Question.WhoCoordinates).ShouldBeNull("one round tells nothing about chance");
        SyntheticRounds.Result(SyntheticRounds.Of("healthy", Event, 1), SyntheticRounds.Of("healthy", Event, 2))
            .Better(LatencyP50, Question.WhoCoordinates).ShouldBeNull("the other was not measured");
    }

    [Fact]
    public void Should_say_neither_percentiles_nor_costs_of_a_few_returns()
    {
        var few = SyntheticRounds.Result(SyntheticRounds.Of("slow", Event, returns: 99));
        few.Read(LatencyP50, Event).ShouldBeNull();
        few.Read(Cpu, Event).ShouldBeNull();
        few.Text(LatencyP50, Event).ShouldBe("too few");
        few.Text(LatencyP50, Async).ShouldBe("–", "it was not measured at all");

        var enough = SyntheticRounds.Result(SyntheticRounds.Of("slow", Event, returns: 100));
        enough.Read(LatencyP50, Event)!.Value.ShouldBe(10, 0.1);
    }

    [Fact]
    public void Should_take_off_what_the_idle_system_uses()
    {
        var result = SyntheticRounds.Result(
            SyntheticRounds.Of("healthy", Event, returns: 100, cpu: 10, idleCores: 0.5, seconds: 10),
            SyntheticRounds.Of("healthy", Traditional, returns: 100, cpu: 10, idleCores: null));

        result.Read(Cpu, Event)!.Value.ShouldBe(1000 * (10 - 5) / 100.0, 1e-6);
        result.Read(Cpu, Traditional).ShouldBeNull("what is idle use and what is not cannot be told");
    }

    [Fact]
    public void Should_count_as_answered_in_full_only_what_holds_the_decision()
    {
        var (inFull, taken) = (Figure.Named("answeredInFull"), Figure.Named("taken"));
        var result = SyntheticRounds.Result(
            SyntheticRounds.Of("down", Event, status: 202), SyntheticRounds.Of("down", Traditional, 1, status: 201), SyntheticRounds.Of("down", Traditional, 2, status: 504));

        result.Read(inFull, Event).ShouldBe(0);
        result.Read(taken, Event).ShouldBe(100);
        result.Read(inFull, Traditional).ShouldBe(50);
        result.Read(taken, Traditional).ShouldBe(50);
    }

    [Fact]
    public void Should_advise_what_was_measured_and_nothing_else()
    {
        Choice(TwoRoundsEach(mode => mode == Event ? (10, 50) : (10, 200)), "settleP50").Winner.ShouldBe(Event);
        Choice(TwoRoundsEach(mode => mode == Async ? (10, 50) : (10, 200)), "settleP50").Winner.ShouldBe(Async);
        var close = Choice(TwoRoundsEach(mode => mode == Async ? (10, 50) : (10, 60)), "settleP50");
        close.Winner.ShouldBeNull();
        close.Sentence.ShouldContain("60 ms with choreography, 50 ms with orchestration, answered at once; they differ by 17 %");
        close.Sentence.ShouldContain("20 returns/s, 240 returns in each mode");
        Advice.Of([TwoRoundsEach(_ => (10, 50))]).ShouldAllBe(each => each.Topic.Scenario == "healthy", "nothing is said of what was not measured");

        static Advice Choice(ScenarioResult result, string figure) =>
            Advice.Of([result]).Single(each => each.Topic.Question == Question.WhoCoordinates && each.Topic.Figure == figure);
    }

    [Fact]
    public void Should_have_topics_that_can_be_measured() => Topic.All.ShouldAllBe(topic =>
        Scenario.All(false).Any(scenario => scenario.Name == topic.Scenario) && Figure.Find(topic.Figure) != null && Figure.Find(topic.Figure)!.Better != 0);

    [Fact]
    public void Should_begin_with_the_predictions_that_fell()
    {
        var results = new[] { TwoRoundsEach(mode => mode == Event ? (10, 50) : (100, 200)) };
        Prediction[] predictions =
        [
            new("healthy", "latencyP50", "event < traditional", "it holds"), new("healthy", "settleP50", "traditional < event", "so it was thought"),
            new("down", "settled", "event = 100", "nobody looked"),
        ];
        var report = SyntheticRounds.Report(quick: false, results, predictions);

        var fallen = DecisionPage.Fallen(report).ShouldHaveSingleItem();
        fallen.ShouldContain("traditional < event was expected, because so it was thought; measured were event 50 ms, traditional 200 ms");
        DecisionPage.Held(report).ShouldBe("1 of 2 predictions held; 1 more are about what was not measured.");
        var page = HtmlReport.Of(report);
        page.IndexOf("so it was thought", StringComparison.Ordinal).ShouldBeLessThan(page.IndexOf("What to choose", StringComparison.Ordinal));
        page.ShouldNotContain("A look, not a measurement");
        page.ShouldNotContain("<!--");
    }

    [Fact]
    public void Should_say_on_top_what_a_look_is_too_short_for()
    {
        var report = SyntheticRounds.Report(quick: true, [SyntheticRounds.Result(SyntheticRounds.Of("healthy", Event), SyntheticRounds.Of("healthy", Traditional), SyntheticRounds.Of("healthy", Async))], [], ["rate"]);

        var page = HtmlReport.Of(report);

        var banner = page.IndexOf("A look, not a measurement", StringComparison.Ordinal);
        banner.ShouldBePositive();
        banner.ShouldBeLessThan(page.IndexOf("class=\"answer\"", StringComparison.Ordinal));
        page.ShouldContain("it leaves out rate");
        JsonElement.Parse(report.ToJson()).GetProperty("tooShortFor").GetString()!.ShouldStartWith("A look, not a measurement");
    }

    [Fact]
    public void Should_write_every_arm_of_every_figure()
    {
        var report = SyntheticRounds.Report(quick: false, [TwoRoundsEach(mode => mode == Event ? (10, 50) : (100, 200))], []);

        var figure = JsonElement.Parse(report.ToJson()).GetProperty("scenarios").EnumerateArray().Single().GetProperty("figures").GetProperty("settleP50");

        figure.GetProperty("event").GetDouble().ShouldBe(50, 0.1);
        figure.GetProperty("traditional").GetDouble().ShouldBe(200, 0.5);
        figure.GetProperty("traditionalAsync").GetDouble().ShouldBe(200, 0.5);
        figure.GetProperty("eventRounds").GetArrayLength().ShouldBe(2);
        figure.GetProperty("traditionalAsyncRounds").GetArrayLength().ShouldBe(2);
        figure.GetProperty("better").GetProperty("whoCoordinates").GetString().ShouldBe("event");
        figure.GetProperty("better").GetProperty("whetherTheCallerWaits").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    private static ScenarioResult TwoRoundsEach(Func<string, (double Latency, double Settle)> of) => SyntheticRounds.Result(
    [
        .. new[] { Event, Traditional, Async }.SelectMany(mode => new[] { 1, 2 }.Select(number => SyntheticRounds.Of("healthy", mode, number, latency: of(mode).Latency, settle: of(mode).Settle))),
    ]);
}
