using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using EseErp.Launcher.Api;

namespace EseErp.Launcher.CommandLine;

/// <summary>The options that say what is to go wrong.</summary>
internal sealed class FaultOptions
{
    private static readonly TimeSpan s_longestLatency = TimeSpan.FromMinutes(1);

    private readonly Option<LatencySettings?> _latency = new("--latency")
    {
        Description = "Requests and events wait: 500ms, 500ms±100ms (or 500ms+-100ms), or with a long tail 500ms,p95=2s",
        CustomParser = Latency,
    };

    private readonly Option<double?> _errors = OptionValues.Share("--errors", "Requests get 503, consumers throw: 20%");
    private readonly Option<bool> _hang = new("--hang") { Description = "Requests and events wait until the fault is lifted" };
    private readonly Option<bool> _pauseConsumers = new("--pause-consumers") { Description = "The service takes no events from the broker" };
    private readonly Option<bool> _refuse = new("--refuse") { Description = "The connection of every request is reset" };

    private readonly Option<TimeSpan?> _slowDatabase = OptionValues.Time(
        "--slow-database", "Each database command takes longer: 50ms", TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(5));

    private readonly Option<TimeSpan?> _limit = OptionValues.Time(
        "--for", "The fault ends after this time: 30s", TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(24));

    private readonly Option<int?> _seed = new Option<int?>("--seed") { Description = "The same seed draws the same latencies and errors" }.Between(0, int.MaxValue);

    private IReadOnlyList<Option> What => [_latency, _errors, _hang, _pauseConsumers, _refuse, _slowDatabase];

    private IReadOnlyList<Option> How => [_limit, _seed];

    public void AddTo(Command command)
    {
        foreach (var option in (IEnumerable<Option>)[.. What, .. How])
            command.Options.Add(option);
    }

    public bool AnyIn(CommandResult result) => IsGiven(result, What) || IsGiven(result, How);

    public bool OnlyHowIn(CommandResult result) => IsGiven(result, How) && !IsGiven(result, What);

    public FaultSettings Read(ParseResult parsed) => new()
    {
        Latency = parsed.GetValue(_latency),
        ErrorRate = parsed.GetValue(_errors) ?? 0,
        Hang = parsed.GetValue(_hang),
        PauseConsumers = parsed.GetValue(_pauseConsumers),
        RefuseConnections = parsed.GetValue(_refuse),
        DatabaseDelayMilliseconds = (int)(parsed.GetValue(_slowDatabase)?.TotalMilliseconds ?? 0),
        ForSeconds = parsed.GetValue(_limit)?.TotalSeconds,
        Seed = parsed.GetValue(_seed),
    };

    /// <summary>In the words of the options.</summary>
    public static string Describe(FaultSettings faults)
    {
        var parts = new List<string>();
        if (faults.Latency is { } latency)
            parts.Add($"latency {Write(latency)}");
        if (faults.ErrorRate > 0)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"errors {faults.ErrorRate * 100:0.##}%"));
        if (faults.Hang)
            parts.Add("hang");
        if (faults.PauseConsumers)
            parts.Add("consumers paused");
        if (faults.RefuseConnections)
            parts.Add("connections refused");
        if (faults.DatabaseDelayMilliseconds > 0)
            parts.Add($"slow database {faults.DatabaseDelayMilliseconds}ms");
        return parts.Count > 0 ? string.Join(", ", parts) : "none";
    }

    private static bool IsGiven(CommandResult result, IReadOnlyList<Option> options) => options.Any(option => result.GetResult(option) is { Implicit: false });

    private static string Write(LatencySettings latency)
    {
        var median = Time(latency.MedianMilliseconds);
        return latency switch
        {
            { JitterMilliseconds: { } jitter } => $"{median}±{Time(jitter)}",
            { P95Milliseconds: { } p95 } => $"{median},p95={Time(p95)}",
            _ => median,
        };

        static string Time(double milliseconds) => OptionValues.Write(TimeSpan.FromMilliseconds(milliseconds));
    }

    private static LatencySettings? Latency(ArgumentResult result)
    {
        var text = OptionValues.Text(result);
        return Parse(text) ?? OptionValues.Refuse<LatencySettings>(result,
            $"--latency must be a time up to 1m: 500ms, 500ms±100ms with a jitter not above the time, or 500ms,p95=2s with a p95 above the time; not '{text}'.");
    }

    private static LatencySettings? Parse(string text)
    {
        if (text.Split(",p95=") is [var tailed, var tail])
            return Time(tailed) is { } median && Time(tail) is { } p95 && median > TimeSpan.Zero && p95 >= median ? LatencySettings.Lognormal(median, p95) : null;
        if (text.Replace("+-", "±", StringComparison.Ordinal).Split('±') is [var middle, var spread])
            return Time(middle) is { } median && Time(spread) is { } jitter && jitter <= median ? LatencySettings.Uniform(median, jitter) : null;
        return Time(text) is { } time ? LatencySettings.Constant(time) : null;
    }

    private static TimeSpan? Time(string text) => OptionValues.Time(text) is { } time && time <= s_longestLatency ? time : null;
}
