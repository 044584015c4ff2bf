using EseErp.DemoData;
using EseErp.Lab.Auditing;
using EseErp.Lab.Comparison;
using EseErp.Lab.Returns;

namespace EseErp.Lab.Tests;

/// <summary>Rounds of a comparison as they would be measured, with figures that a test chooses.</summary>
internal static class SyntheticRounds
{
    private static readonly DateTimeOffset Start = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    private static readonly Counters Used = new(Rows: 100, Messages: 10, Deliveries: 10, Calls: 10, WrittenBytes: 1024);

    private static readonly DevicePool Devices = new(DemoCatalogue.Create(new DateOnly(2026, 11, 20), 2000), 3);

    public static Scenario Scenario(string name) => Comparison.Scenario.All(quick: false).Single(scenario => scenario.Name == name);

    /// <summary>One round in which every return takes the same time.</summary>
    public static Round Of(
        string scenario, string mode, int number = 1, int returns = 120, double latency = 10, double settle = 50, int? status = null, double? cpu = 10, double? idleCores = 0.5,
        double seconds = 10, double? carried = null)
    {
        var answered = Enumerable.Range(0, returns).Select(each => Answered(mode, each, latency, status ?? (mode == PlannedReturn.Traditional ? 201 : 202))).ToList();
        var progress = answered.ToDictionary(
            each => each.Filed.ReturnId!, each => new TrackedProgress(each.Filed.ReturnId!, "Completed", each.DueAt.AddMilliseconds(settle), each.DueAt.AddSeconds(1), each.DueAt.AddSeconds(1)));
        return new Round(
            Scenario(scenario), mode, number, number, 20, answered, progress, new Dictionary<string, DateTimeOffset>(), 0, 0, Used, cpu, idleCores, seconds,
            new Backlog(0, 0, 0, 0, 0), [])
        { Carried = carried };
    }

    public static ScenarioResult Result(params IReadOnlyList<Round> rounds) => new(rounds[0].Scenario, rounds, Wrong.Nothing);

    public static ComparisonReport Report(bool quick, IReadOnlyList<ScenarioResult> results, IReadOnlyList<Prediction> predictions, IReadOnlyList<string>? skipped = null)
    {
        var options = new ComparisonOptions { Quick = quick, Seed = 1 };
        return new ComparisonReport(
            Start, 60, options, new Machine(2, "an operating system", "a runtime", "15"), new ComparisonRates(options), [], skipped ?? [], results, [],
            [.. predictions.Select(prediction => prediction.Check(results))]);
    }

    private static AnsweredReturn Answered(string mode, int number, double latency, int status)
    {
        var planned = new PlannedReturn(Devices.TakeHopeless(), mode, "Refund", "OnReceipt", ReturnFate.Completes);
        var answer = status is 502 or 504 ? FilingAnswer.Incomplete : FilingAnswer.Accepted;
        var at = TimeSpan.FromMilliseconds(50 * number);
        return new AnsweredReturn(
            new Arrival(number, at, 0, planned, $"{mode}-{number}"), new FiledReturn(planned, answer, $"RMA-{mode}-{number}", status), Start + at, TimeSpan.FromMilliseconds(latency));
    }
}
