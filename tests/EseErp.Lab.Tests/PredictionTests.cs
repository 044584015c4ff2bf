using EseErp.Lab.Comparison;
using EseErp.Launcher;

namespace EseErp.Lab.Tests;

/// <summary>What <c>./ese compare</c> was expected to show, in docs/comparison-predictions.md, and what it counts without measuring.</summary>
public sealed class PredictionTests
{
    [Theory]
    [InlineData("event < traditional / 3", 10, 40, true)]
    [InlineData("event < traditional / 3", 20, 40, false)]
    [InlineData("traditional >= 2 * event", 20, 40, true)]
    [InlineData("traditional > 2 * event", 20, 40, false)]
    [InlineData("event = 100", 100, 0, true)]
    [InlineData("traditional <= 99.5", 100, 99.5, true)]
    [InlineData("traditional-async < traditional / 3", 0, 31, true)]
    [InlineData("traditional-async < traditional / 3", 0, 30, false)]
    [InlineData("event > 2 * traditional-async", 21, 0, true)]
    [InlineData("event > 2 * traditional-async", 20, 0, false)]
    public void Should_check_a_prediction(string claim, double ours, double theirs, bool holds) =>
        new Prediction("healthy", "latencyP50", claim, "")
            .Holds(new Dictionary<string, double?> { ["event"] = ours, ["traditional"] = theirs, ["traditional-async"] = 10 }).ShouldBe(holds);

    [Fact]
    public void Should_not_check_what_was_not_measured() =>
        new Prediction("healthy", "latencyP50", "event < traditional-async", "")
            .Holds(new Dictionary<string, double?> { ["event"] = 1, ["traditional"] = 2, ["traditional-async"] = null }).ShouldBeNull();

    [Fact]
    public void Should_read_a_figure_by_the_name_that_it_had_when_it_was_predicted() =>
        Figure.Named("inFull").ShouldBe(Figure.Named("taken"));

    [Fact]
    public void Should_have_predictions_for_every_scenario()
    {
        Prediction.Written.Select(prediction => prediction.Scenario).Distinct().ShouldBe(
            Scenario.All(quick: true).Select(scenario => scenario.Name), ignoreOrder: true);
        Scenario.All(quick: false).Select(scenario => scenario.Name).ShouldBe(Scenario.All(quick: true).Select(scenario => scenario.Name));
        Should.Throw<LauncherException>(() => Prediction.Parse("| healthy | latencyP50 | event is nicer | so |"));
    }

    [Fact]
    public void Should_count_what_the_publisher_knows()
    {
        PublisherSource.Choreography.Teams.ShouldBeEmpty();
        PublisherSource.Orchestration.Teams.ShouldBe(["sales", "inventory", "manufacturing", "accounting"]);
        PublisherSource.Orchestration.Lines.ShouldBeGreaterThan(PublisherSource.Choreography.Lines + 300);
        PublisherSource.Choreography.LibraryLines.ShouldBeGreaterThan(PublisherSource.Orchestration.LibraryLines);
        PublisherSource.Orchestration.LibraryLines.ShouldBePositive();
    }
}
