using System.Text.Encodings.Web;
using System.Text.Json;
using EseErp.Launcher.Auditing;
using EseErp.Launcher.Output;
using EseErp.Launcher.Supervision;

namespace EseErp.Launcher.Comparison;

/// <summary>A comparison from its settings to its verdict.</summary>
/// <param name="Audits">The final account of each system that was measured on, warm-up included.</param>
internal sealed record ComparisonReport(
    DateTimeOffset StartedAt,
    double Seconds,
    ComparisonOptions Options,
    Machine Machine,
    IReadOnlyList<ScenarioResult> Results,
    IReadOnlyList<AuditResult> Audits,
    IReadOnlyList<CheckedPrediction> Predictions)
{
    private const int Moments = 120;

    private static readonly JsonSerializerOptions s_json =
        new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public PublisherSource EventSource { get; } = PublisherSource.Event;

    public PublisherSource TraditionalSource { get; } = PublisherSource.Traditional;

    public int SharedLines { get; } = PublisherSource.SharedLines;

    /// <summary>Whether every accepted return was accounted for.</summary>
    public bool IsAccounted => BrokenPromises.Count == 0;

    /// <summary>In words; empty when all is well.</summary>
    public IReadOnlyList<string> BrokenPromises
    {
        get
        {
            var broken = new List<string>();
            void When(long count, string what)
            {
                if (count > 0)
                    broken.Add($"{count} {what}");
            }

            When(Audits.Sum(audit => audit.Lost), "lost");
            When(Audits.Sum(audit => audit.Doubled), "doubled");
            When(Audits.Sum(audit => audit.Accepted - audit.Settled), "accepted returns not settled");
            When(Audits.Sum(audit => audit.DeadLetters), "dead letters");
            When(Audits.SelectMany(audit => audit.Findings).Where(finding => finding.Kind == FindingKind.Inconsistent).Sum(finding => finding.Count), "disagreements between teams");
            When(Audits.Count(audit => !audit.IsBalanced), "trial balances not zero");
            When(Rounds.Count(round => round.Left is not { IsEmpty: true }), "rounds without an end");
            return broken;
        }
    }

    public int Accepted => Audits.Sum(audit => audit.Accepted);

    public string Sentence => IsAccounted
        ? FormattableString.Invariant($"Every one of {Accepted:N0} accepted returns was found at every team: nothing lost, nothing done twice, books at zero.")
        : $"Not everything is accounted for: {string.Join("; ", BrokenPromises)}.";

    /// <summary>What was better in traditional mode, in every round.</summary>
    public IReadOnlyList<(ScenarioResult Result, Figure Figure)> TraditionalIsBetter =>
        [.. Results.SelectMany(result => Figure.All.Where(figure => result.Better(figure) == "traditional").Select(figure => (result, figure)))];

    private IEnumerable<Round> Rounds => Results.SelectMany(result => result.Rounds);

    public string ToJson() => JsonSerializer.Serialize(
        new
        {
            command = "compare",
            verdict = new { accounted = IsAccounted, sentence = Sentence, broken = BrokenPromises },
            StartedAt,
            Seconds,
            settings = new
            {
                Options.Quick, Options.Seed, Options.Rate, warmUpSeconds = Options.WarmUp.TotalSeconds, patienceSeconds = Options.Patience.TotalSeconds,
                broker = "postgres", freshDataPer = Options.Quick ? "comparison" : "scenario",
                Options.Mix, itemStepSeconds = Options.ItemStep.TotalSeconds, Options.CallsBeforeOptimising,
            },
            Machine,
            publisher = new { @event = EventSource, traditional = TraditionalSource, SharedLines },
            scenarios = Results.Select(ScenarioJson),
            predictions = Predictions.Select(each => new { each.Prediction.Scenario, each.Prediction.Figure, each.Prediction.Claim, each.Prediction.Because, each.Outcome, each.Event, each.Traditional }),
            audits = Audits,
        },
        s_json);

    public void Write(string jsonPath, string htmlPath)
    {
        const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        TextFiles.Replace(jsonPath, ToJson() + "\n", Readable);
        TextFiles.Replace(htmlPath, HtmlReport.Of(this), Readable);
    }

    private static object ScenarioJson(ScenarioResult result) => new
    {
        result.Scenario.Name,
        result.Scenario.Title,
        result.Scenario.What,
        windowSeconds = result.Scenario.Window.TotalSeconds,
        roundsPerMode = result.Scenario.Rounds,
        figures = Figure.All.ToDictionary(figure => figure.Name, figure => new
        {
            figure.Title,
            figure.Unit,
            @event = Rounded(figure.Read(result.Together["event"])),
            traditional = Rounded(figure.Read(result.Together["traditional"])),
            better = result.Better(figure),
            eventRounds = result.PerRound(figure, "event").Select(Rounded),
            traditionalRounds = result.PerRound(figure, "traditional").Select(Rounded),
        }),
        rounds = result.Rounds.Select(round => new
        {
            round.Place, round.Mode, round.Number, round.Seconds, returns = round.Answered.Count, round.Left, round.Notes,
            notSettled = round.Waiting(Moments).Select(each => new[] { Math.Round(each.Seconds, 2), each.Returns }),
        }),
    };

    private static double? Rounded(double? value) => value is { } known ? Math.Round(known, 3) : null;
}
