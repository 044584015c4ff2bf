using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using EseErp.Lab.Auditing;
using EseErp.Lab.Returns;
using EseErp.Launcher.Output;
using EseErp.Launcher.Supervision;

namespace EseErp.Lab.Chaos;

/// <summary>What was asked for.</summary>
internal sealed record ChaosSettings(int Faults, int Returns, int Seed, string Broker, double TraditionalShare, double PatienceSeconds);

/// <summary>What clients did and heard.</summary>
/// <param name="Repeated">Requests that were sent again for want of a definite answer.</param>
/// <param name="Incomplete">Traditional returns that were answered as incomplete, to be resumed.</param>
/// <param name="Resumptions">Calls to resume a return.</param>
internal sealed record ClientCounts(int Filed, int Accepted, int DeclinedAtOnce, int Refused, int WithoutAnswer, int Incomplete, int Repeated, int Resumptions)
{
    public static ClientCounts Of(IReadOnlyList<FiledReturn> filed, int repeated, int resumptions)
    {
        int Count(FilingAnswer answer) => filed.Count(each => each.Answer == answer);
        return new ClientCounts(
            filed.Count, filed.Count(each => each.IsAccepted), Count(FilingAnswer.Declined), Count(FilingAnswer.Refused), Count(FilingAnswer.None),
            Count(FilingAnswer.Incomplete), repeated, resumptions);
    }
}

/// <summary>A run from its settings to its verdict.</summary>
/// <param name="Left">What was still under way when the run stopped waiting; null when that could not be read.</param>
internal sealed record ChaosReport(
    DateTimeOffset StartedAt,
    double Seconds,
    double SettlingSeconds,
    ChaosSettings Settings,
    Machine Machine,
    IReadOnlyList<StruckFault> Faults,
    ClientCounts Clients,
    AuditResult Audit,
    Backlog? Left)
{
    // The file has more of them.
    private const int MostExamplesOnScreen = 5;

    private static readonly JsonSerializerOptions s_json =
        new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Whether every promise was kept.</summary>
    public bool Kept => BrokenPromises.Count == 0;

    /// <summary>In words; empty when all is well.</summary>
    public IReadOnlyList<string> BrokenPromises
    {
        get
        {
            var broken = new List<string>();
            void When(bool isBroken, string what)
            {
                if (isBroken)
                    broken.Add(what);
            }

            When(Audit.Lost > 0, $"{Audit.Lost} lost");
            When(Audit.Doubled > 0, $"{Audit.Doubled} doubled");
            When(Audit.Settled < Audit.Accepted, $"{Audit.Accepted - Audit.Settled} of {Audit.Accepted} accepted returns not settled");
            When(Audit.DeadLetters > 0, $"{Audit.DeadLetters} dead letters");
            When(!Audit.IsBalanced, "the trial balance is not zero");
            When(Audit.Findings.Any(finding => finding.Kind == FindingKind.Inconsistent), "teams disagree");
            When(Left is not { IsEmpty: true }, $"no end: {Left?.ToString() ?? "the system does not answer"}");
            When(Faults.Any(fault => fault.RecoveredAfterSeconds is null), $"{Faults.Count(fault => fault.RecoveredAfterSeconds is null)} faults without recovery");
            return broken;
        }
    }

    public string Sentence => Kept
        ? Invariant($"Every promise was kept: {Audit.Accepted} returns accepted and settled through {Faults.Count} faults; nothing lost, nothing done twice, books at zero.")
        : $"A promise broke: {string.Join("; ", BrokenPromises)}. Repeat the plan with --seed {Settings.Seed}.";

    public string ToJson() => JsonSerializer.Serialize(
        new
        {
            command = "chaos",
            verdict = new { kept = Kept, sentence = Sentence, broken = BrokenPromises },
            StartedAt, Seconds, SettlingSeconds, Settings, Machine, Clients, Audit, Left, FaultsByKind, Faults,
        },
        s_json);

    public void Write(string path) => TextFiles.Replace(
        path, ToJson() + "\n", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

    public void Show()
    {
        Screen.Line();
        Screen.Table(
            ["Fault", "Injected", "Back after: median", "longest"],
            [.. FaultsByKind.Select(kind => (IReadOnlyList<string>)[kind.Kind, $"{kind.Struck}", Duration(kind.MedianSeconds), Duration(kind.LongestSeconds)])]);
        Screen.Line();
        Screen.Table(
            ["Team", "What", "Due", "Done"],
            [.. Audit.Effects.Select(effect => (IReadOnlyList<string>)[effect.Team, effect.What, $"{effect.Due}", $"{effect.Done}"])]);
        Screen.Line();
        Screen.Table(["Returns", "", ""], Account());
        foreach (var finding in Audit.Findings)
        {
            var more = finding.Count > MostExamplesOnScreen ? ", …" : "";
            Screen.Line($"  {finding.Kind}: {finding.What}: {finding.Count} ({string.Join(", ", finding.Examples.Take(MostExamplesOnScreen))}{more})");
        }

        Screen.Line();
        Screen.Line(Sentence);
    }

    private IReadOnlyList<FaultSummary> FaultsByKind =>
    [
        .. Faults.GroupBy(fault => fault.Kind).OrderBy(kind => kind.Key, StringComparer.Ordinal).Select(kind =>
        {
            var back = kind.Select(fault => fault.RecoveredAfterSeconds).OfType<double>().Order().ToList();
            return new FaultSummary(kind.Key, kind.Count(fault => fault.Hit is not null), back.Count > 0 ? back[back.Count / 2] : null, back.Count > 0 ? back[^1] : null);
        }),
    ];

    private List<IReadOnlyList<string>> Account() =>
    [
        ["filed", $"{Clients.Filed}", $"{Clients.Repeated} requests repeated with the same key"],
        ["accepted", $"{Audit.Accepted}", $"{Clients.Incomplete} of them incomplete at first; {Clients.Resumptions} calls to resume"],
        ["declined by Sales", $"{Audit.Declined}", "as planned by the seed"],
        ["settled", $"{Audit.Settled}", Invariant($"{SettlingSeconds:0} s after the last fault")],
        ["lost", $"{Audit.Lost}", ""],
        ["doubled", $"{Audit.Doubled}", ""],
        ["dead letters", $"{Audit.DeadLetters}", ""],
        .. Audit.TrialBalance.Select(currency => (IReadOnlyList<string>)
            [$"trial balance {currency.Currency}", Invariant($"{currency.Balance:0.00}"), Invariant($"{currency.Debit:0.00} on each side")]),
    ];

    private static string Duration(double? seconds) => seconds is { } known ? Invariant($"{known:0.0} s") : "–";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed record FaultSummary(string Kind, int Struck, double? MedianSeconds, double? LongestSeconds);
}
