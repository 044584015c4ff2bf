using EseErp.Lab.Comparison;

namespace EseErp.Lab.Tests;

/// <summary>When <c>./ese compare</c> begins to measure, at which rates, and for how long.</summary>
public sealed class ComparisonPlanTests
{
    [Theory]
    [InlineData(new double[] { 50, 49, 50 }, new double[] { 80, 81, 80 }, true)]
    [InlineData(new double[] { 90, 70, 50, 49, 50 }, new double[] { 200, 150, 80, 81, 80 }, true)]
    [InlineData(new double[] { 50, 49 }, new double[] { 80, 80 }, false)]
    [InlineData(new double[] { 90, 70, 50 }, new double[] { 80, 80, 80 }, false)]
    [InlineData(new double[] { 50, 50, 50 }, new double[] { 120, 100, 80 }, false)]
    public void Should_call_a_mode_warm_once_answers_and_processor_time_have_settled(double[] p50, double[] cpu, bool isWarm) =>
        WarmUp.HasSettled([.. p50.Zip(cpu, (latency, time) => new WarmUpWindow(latency, time))]).ShouldBe(isWarm);

    [Fact]
    public void Should_go_by_answers_alone_where_processor_time_cannot_be_known()
    {
        WarmUp.HasSettled([new(50, null), new(51, null), new(50, null)]).ShouldBeTrue();
        WarmUp.HasSettled([new(50, null), new(90, null), new(50, null)]).ShouldBeFalse();
    }

    [Theory]
    [InlineData(100, 20, 82)]
    [InlineData(104, 20, 104)]
    [InlineData(20, 20, 20)]
    [InlineData(7, 20, 6)]
    [InlineData(1, 20, 0)]
    [InlineData(10_000, 20, 336)]
    [InlineData(60, 82, 51)]
    public async Task Should_find_the_highest_rate_that_is_carried(double limit, double first, double found)
    {
        var search = new RateSearch((rate, _) => Task.FromResult(new RateStep(rate, rate <= limit ? null : "too much")), RateSearch.Factor(quick: false));

        (await search.RunAsync(first, CancellationToken.None)).ShouldBe(found);

        search.Steps.Where(step => step.IsCarried).ShouldAllBe(step => step.Rate <= found);
        search.Steps.Select(step => step.Rate).ShouldBeUnique();
    }

    [Fact]
    public void Should_judge_a_rate_by_the_99th_of_100()
    {
        RateSearch.Judge(20, Measured.Of([SyntheticRounds.Of("rate", "event", settle: 900)], Wrong.Nothing)).IsCarried.ShouldBeTrue();
        RateSearch.Judge(20, Measured.Of([SyntheticRounds.Of("rate", "event", settle: 1100)], Wrong.Nothing)).Failure.ShouldBe("p99 of settling 1.1 s");
    }

    [Theory]
    [InlineData(200, 60, 20)]
    [InlineData(200, 120, 30)]
    [InlineData(200, 10, 20)]
    public void Should_measure_at_a_quarter_of_what_the_slowest_mode_carries_and_at_least_at_twenty(double most, double slowest, double rate)
    {
        var rates = new ComparisonRates(new ComparisonOptions { Seed = 1 });
        rates.Meaningful.ShouldBe(20, "as long as nothing is known");

        rates.Learn(SyntheticRounds.Result([.. ScenarioResult.Modes.Select(mode => SyntheticRounds.Of("rate", mode, carried: mode == "traditional" ? slowest : most))]));

        rates.Meaningful.ShouldBe(rate);
        rates.Basis.Contains("its queue grows").ShouldBe(slowest < rate);
        new ComparisonRates(new ComparisonOptions { Seed = 1, Wanted = 3 }).Meaningful.ShouldBe(3);
    }

    [Fact]
    public void Should_file_at_least_a_thousand_returns_in_each_mode_when_all_is_well()
    {
        var healthy = SyntheticRounds.Scenario("healthy");
        (healthy.Rounds * healthy.Returns).ShouldNotBeNull().ShouldBeGreaterThanOrEqualTo(1000);
        Scenario.All(quick: false).Where(scenario => scenario.Load != Load.Rising).ShouldAllBe(
            scenario => scenario.Arriving(8) * (scenario.DeclinesNone ? 1 : 0.8) >= Returns.Percentiles.Fewest, "each round has enough returns for percentiles");
    }

    [Fact]
    public void Should_say_how_long_it_takes_and_stay_below_the_bounds()
    {
        Minutes(new ComparisonOptions { Seed = 1 }).ShouldBeInRange(20, 40);
        Minutes(new ComparisonOptions { Seed = 1, Quick = true }).ShouldBeInRange(1, 4);

        static double Minutes(ComparisonOptions options) => new ComparisonRun(options).ExpectedDuration.TotalMinutes;
    }
}
