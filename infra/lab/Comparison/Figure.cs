using EseErp.Lab.Returns;

namespace EseErp.Lab.Comparison;

/// <summary>One thing that is measured.</summary>
/// <param name="Name">In JSON and in the predictions.</param>
/// <param name="Title">For people.</param>
/// <param name="Better"><c>-1</c> less is better, <c>1</c> more is better, 0 neither.</param>
internal sealed record Figure(string Name, string Title, string Unit, int Better, Func<Measured, double?> Read)
{
    // What predictions call figures that have another name by now; predictions are never edited.
    private static readonly Dictionary<string, string> s_former = new() { ["inFull"] = "taken" };

    /// <summary>All of them, in the order of the report. The one place to add one.</summary>
    public static IReadOnlyList<Figure> All { get; } =
    [
        new("filed", "returns filed", "", 0, m => m.Filed),
        new("accepted", "accepted, of those that must be", "%", 1, m => Measured.Share(m.Accepted, m.Acceptable)),
        new("answeredInFull", "answered in full: the answer holds the decision", "%", 1, m => Measured.Share(m.AnsweredInFull, m.Filed)),
        new("taken", "accepted at once while no team was down, of those accepted", "%", 1, m => Measured.Share(m.Accepted - m.IncompleteAtFirst, m.Accepted)),
        new("withoutAnswer", "never got an answer", "", -1, m => m.WithoutAnswer),
        new("latencyP50", "POST /returns, p50", "ms", -1, m => Of(m.Latency)?.P50),
        new("latencyP95", "POST /returns, p95", "ms", -1, m => Of(m.Latency)?.P95),
        new("latencyP99", "POST /returns, p99", "ms", -1, m => Of(m.Latency)?.P99),
        new("settled", "settled, of those accepted", "%", 1, m => Measured.Share(m.Settled, m.Accepted)),
        new("completed", "completed, of those accepted", "%", 1, m => Measured.Share(m.Completed, m.Accepted)),
        new("settleP50", "time to settle, p50", "ms", -1, m => Of(m.Settle)?.P50),
        new("settleP95", "time to settle, p95", "ms", -1, m => Of(m.Settle)?.P95),
        new("settleP99", "time to settle, p99", "ms", -1, m => Of(m.Settle)?.P99),
        new("carried", "highest rate with p99 of settling within 1 s", "/s", 1, m => m.Carried),
        new("throughput", "settled per second", "/s", 1, m => m.Throughput),
        new("lost", "returns with effects lost", "", -1, m => m.Lost),
        new("doubled", "returns with effects doubled", "", -1, m => m.Doubled),
        new("inconsistent", "returns on which teams disagree", "", -1, m => m.Inconsistent),
        new("interventions", "returns to resume or events to re-drive by hand", "", -1, m => m.Interventions),
        new("repeated", "requests the client had to repeat", "", -1, m => m.Repeated),
        new("readYourWrites", "settled by the time of the answer", "%", 1, m => Measured.Share(m.SettledAtAnswer, m.Settled)),
        new("staleP95", "settled after the answer, p95", "ms", -1, m => Of(m.Stale)?.P95),
        new("toldAtOnce", "declined: said in the answer", "%", 1, m => Measured.Share(m.DeclinedAtOnce, m.Declined)),
        new("rejectionP50", "declined: time until decided, p50", "ms", -1, m => Of(m.Rejection)?.P50),
        new("messages", "facts published per return", "", -1, m => m.Per(m.Used.Messages)),
        new("deliveries", "events read by groups per return", "", -1, m => m.Per(m.Used.Deliveries)),
        new("calls", "calls between teams per return, repeated calls counted once", "", -1, m => m.Per(m.Used.Calls)),
        new("rows", "database rows left per return", "", -1, m => m.Per(m.Used.Rows)),
        new("kilobytes", "written to disk per return", "kB", -1, m => m.PerOfMany(m.Used.WrittenBytes / 1024.0)),
        new("cpu", "CPU seconds per 1,000 returns, minus the idle system", "s", -1, m => m.PerOfMany(1000 * m.CpuSeconds)),
    ];

    /// <summary>By its name, or by one that it had before.</summary>
    public static Figure? Find(string name) => All.FirstOrDefault(figure => figure.Name == s_former.GetValueOrDefault(name, name));

    /// <summary>A figure that there is.</summary>
    public static Figure Named(string name) => Find(name) ?? throw new ArgumentException($"There is no figure '{name}'.", nameof(name));

    /// <summary>It is not said of a few returns.</summary>
    public bool NeedsMany => Unit == "ms" || Name is "cpu" or "kilobytes";

    public string Text(double? value) => value switch
    {
        null => "–",
        _ when Unit == "ms" => Milliseconds(value.Value),
        _ when Unit == "%" => Invariant($"{value.Value:0.0} %"),
        _ when value.Value == Math.Round(value.Value) => Invariant($"{value.Value:0}{Space}"),
        _ => Invariant($"{value.Value:0.0}{Space}"),
    };

    private static Percentiles? Of(Percentiles percentiles) => percentiles.IsOfEnough ? percentiles : null;

    private string Space => Unit.Length > 0 ? " " + Unit : "";

    private static string Milliseconds(double value) => value switch
    {
        < 10 => Invariant($"{value:0.0} ms"),
        < 10_000 => Invariant($"{value:0} ms"),
        _ => Invariant($"{value / 1000:0.0} s"),
    };

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
