using System.Text.Encodings.Web;
using System.Text.Json;
using EseErp.Lab.Auditing;
using EseErp.Launcher.Output;
using EseErp.Launcher.Supervision;

namespace EseErp.Lab.Comparison;

/// <summary>A comparison from its settings to its verdict.</summary>
/// <param name="Rates">How many returns a second arrived.</param>
/// <param name="WarmUps">How each mode was warmed on each system.</param>
/// <param name="Skipped">Scenarios that were left out.</param>
/// <param name="Audits">The final account of each system that was measured on, warm-up included.</param>
internal sealed record ComparisonReport(
    DateTimeOffset StartedAt,
    double Seconds,
    ComparisonOptions Options,
    Machine Machine,
    ComparisonRates Rates,
    IReadOnlyList<WarmUp> WarmUps,
    IReadOnlyList<string> Skipped,
    IReadOnlyList<ScenarioResult> Results,
    IReadOnlyList<AuditResult> Audits,
    IReadOnlyList<CheckedPrediction> Predictions)
{
    private const int Moments = 120;

    private static readonly JsonSerializerOptions s_json =
        new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

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

    private IEnumerable<Round> Rounds => Results.SelectMany(result => result.Rounds);

    public string ToJson()
    {
        var advice = Advice.Of(Results);
        return JsonSerializer.Serialize(Json(advice), s_json);
    }

    private object Json(IReadOnlyList<Advice> advice) => new
    {
        command = "compare",
        verdict = new { accounted = IsAccounted, sentence = Sentence, broken = BrokenPromises },
        tooShortFor = DecisionPage.TooShortFor(this),
        answer = new
        {
            fallen = DecisionPage.Fallen(this),
            questions = Question.All.Select(question => new { question.Name, question.Title, summary = DecisionPage.Summary(question, advice), closeness = Advice.Closeness(Results, question) }),
            advice = advice.Select(each => new { question = each.Topic.Question.Name, each.Topic.Scenario, each.Topic.Figure, choose = each.Winner, each.Sentence }),
            bound = DecisionPage.Bound(this),
        },
        StartedAt,
        Seconds,
        settings = new
        {
            Options.Quick, Options.Seed, patienceSeconds = Options.Patience.TotalSeconds,
            rates = new { Rates.Usual, Rates.Meaningful, Rates.Gentle, Rates.Basis },
            broker = "postgres", freshDataFor = Options.Quick ? "the comparison" : "what is measured when all is well, and what is measured when something is wrong",
            Options.Mix, itemStepSeconds = Options.ItemStep.TotalSeconds, Options.CallsBeforeOptimising,
        },
        Machine,
        publisher = new { choreography = PublisherSource.Choreography, orchestration = PublisherSource.Orchestration },
        warmUp = new { rule = Comparison.WarmUp.Rule, ratePerSecond = Options.WarmUp.Rate, modes = WarmUps },
        Skipped,
        scenarios = Results.Select(ScenarioJson),
        predictions = Predictions.Select(PredictionJson),
        audits = Audits,
    };

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
        windowSeconds = Math.Round(result.Scenario.Expected(result.Rate).TotalSeconds, 1),
        roundsPerMode = result.Scenario.Rounds,
        result.Rate,
        figures = Figure.All.ToDictionary(figure => figure.Name, figure => FigureJson(result, figure)),
        rounds = result.Rounds.Select(round => new
        {
            round.Place, round.Mode, round.Number, round.Seconds, round.Rate, round.CpuSeconds, round.IdleCores, returns = round.Answered.Count, round.Left, round.Notes,
            notSettled = round.Waiting(Moments).Select(each => new[] { Math.Round(each.Seconds, 2), each.Returns }),
        }),
    };

    private static Dictionary<string, object?> PredictionJson(CheckedPrediction each)
    {
        var json = new Dictionary<string, object?>
        {
            ["scenario"] = each.Prediction.Scenario, ["figure"] = each.Prediction.Figure, ["claim"] = each.Prediction.Claim, ["because"] = each.Prediction.Because,
            ["outcome"] = each.Outcome,
        };
        foreach (var arm in Arm.All)
            json[arm.Json] = Rounded(each.Values.GetValueOrDefault(arm.Mode));
        return json;
    }

    private static Dictionary<string, object?> FigureJson(ScenarioResult result, Figure figure)
    {
        var json = new Dictionary<string, object?> { ["title"] = figure.Title, ["unit"] = figure.Unit };
        foreach (var arm in Arm.All)
            json[arm.Json] = Rounded(result.Read(figure, arm.Mode));
        json["better"] = Question.All.ToDictionary(question => question.Name, question => result.Better(figure, question));
        foreach (var arm in Arm.All)
            json[$"{arm.Json}Rounds"] = result.PerRound(figure, arm.Mode).Select(Rounded);
        return json;
    }

    private static double? Rounded(double? value) => value is { } known ? Math.Round(known, 3) : null;
}
