using System.Diagnostics;
using System.Text.Json;
using EseErp.Launcher;
using EseErp.Launcher.Api;

namespace EseErp.Benchmarks;

/// <summary>How often, and how long it is looked for what may never be shown.</summary>
internal sealed record NoticeExtent(int Rounds, TimeSpan Limit)
{
    public static NoticeExtent Full { get; } = new(10, TimeSpan.FromSeconds(60));

    public static NoticeExtent Quick { get; } = new(2, TimeSpan.FromSeconds(10));
}

/// <summary>What became of one return that met a team in trouble.</summary>
/// <param name="Cause">What is wrong with the team.</param>
/// <param name="ShownAs"><c>Stuck</c> or <c>Incomplete</c>; null: Tracking showed neither within the limit.</param>
/// <param name="ShownAfter">Milliseconds from the request until Tracking showed it.</param>
/// <param name="Answer">HTTP status of the answer to <c>POST /returns</c>.</param>
/// <param name="AnsweredAfter">Milliseconds from the request to its answer.</param>
/// <param name="Tracked">What Tracking showed when nothing more was waited for.</param>
/// <param name="UserSupport">The return's status at User Support at that moment.</param>
/// <param name="TeamReady">Whether the team in trouble said that it was ready; null when it gave no answer.</param>
/// <param name="Lag">Events the team had still to apply, as it said; null when it gave no answer.</param>
/// <param name="MendedAfter">Milliseconds from the end of the trouble until the return was settled.</param>
internal sealed record Noticed(
    string Cause, string Mode, string? ShownAs, double? ShownAfter, int Answer, double AnsweredAfter, string Tracked, string UserSupport, bool? TeamReady, long? Lag,
    double MendedAfter);

/// <summary>
/// How long it takes until somebody can see that a return does not go on. Accounting is in trouble before the return is filed, so that the
/// request is the cause; one return in each mode at the same time, so that all meet the same trouble. It is seen where people look: Tracking.
/// </summary>
internal sealed class NoticeBenchmark(SystemUnderTest system, NoticeExtent extent, Action<string> report)
{
    private const string Team = "accounting";

    private static readonly string[] Modes = ["event", "traditional", "traditional-async"];
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private sealed record Cause(string Name, Func<Task> Begin, Func<Task> End);

    /// <summary>How many returns are filed in all.</summary>
    public static int ReturnsOf(NoticeExtent extent) => Modes.Length * (extent.Rounds + 1) * 4;

    public List<Noticed> Rounds { get; } = [];

    public IReadOnlyList<Figure> Figures() =>
    [
        .. Rounds.Where(round => round.ShownAfter is not null).GroupBy(round => (round.Cause, round.Mode, round.ShownAs)).Select(shown =>
        {
            var times = shown.Select(round => round.ShownAfter!.Value / 1000).Order().ToList();
            return new Figure(
                system.Broker, $"{shown.Key.Cause}: {shown.Key.Mode} shown as {shown.Key.ShownAs} after", Figure.Middle(times), "s", null,
                $"{Figure.Show(times[0])} to {Figure.Show(times[^1])} s, {times.Count} of {Rounds.Count(round => round.Cause == shown.Key.Cause && round.Mode == shown.Key.Mode)}");
        }),
    ];

    public async Task Run(CancellationToken cancellationToken)
    {
        using var client = new EseClient(system.Processes.PortBase);
        using var load = new Load(system);
        var faults = new TeamFaults(client);
        Cause[] causes =
        [
            new("fails at whatever it gets", () => Set(new FaultSettings { ErrorRate = 1 }), Lift),
            new("hangs", () => Set(new FaultSettings { Hang = true }), Lift),
            new("is stopped", () => system.Processes.StopServiceAsync(Team), () => system.Processes.StartServiceAsync(Team, cancellationToken)),
        ];
        // The first return of each mode meets code that has not run yet.
        await Task.WhenAll(Modes.Select(mode => Settle(mode)));
        foreach (var cause in causes)
            for (var round = 1; round <= extent.Rounds; round++)
                await Round(cause, round);

        async Task Set(FaultSettings settings) => await faults.SetAsync(Team, settings, cancellationToken);

        async Task Lift() => await faults.LiftAsync(Team, cancellationToken);

        async Task Settle(string mode)
        {
            var (_, returnId) = await load.File(system.NextDevice(), mode, cancellationToken);
            await UntilSettled(client, returnId!, cancellationToken);
        }

        async Task Round(Cause cause, int round)
        {
            await cause.Begin();
            List<(Noticed Seen, string ReturnId)> met;
            try
            {
                met = [.. await Task.WhenAll(Modes.Select(mode => Meet(client, load, cause.Name, mode, cancellationToken)))];
            }
            finally
            {
                await cause.End();
            }

            var clock = Stopwatch.StartNew();
            var mended = await Task.WhenAll(met.Select(async each =>
            {
                await UntilSettled(client, each.ReturnId, cancellationToken);
                return each.Seen with { MendedAfter = clock.Elapsed.TotalMilliseconds };
            }));
            foreach (var seen in mended)
            {
                Rounds.Add(seen);
                report($"{Team} {cause.Name}, {round} of {extent.Rounds}, {seen.Mode}: {(seen.ShownAfter is { } after ? $"{seen.ShownAs} after {Figure.Show(after / 1000)} s" : $"nothing within {extent.Limit.TotalSeconds:0} s, {seen.Tracked}")}; answered {seen.Answer} after {Figure.Show(seen.AnsweredAfter / 1000)} s; load {ProcessFigures.Load()}");
            }
        }
    }

    // Files a return and looks for it at Tracking by its device: in traditional mode its number is known only with the answer.
    private async Task<(Noticed, string)> Meet(EseClient client, Load load, string cause, string mode, CancellationToken cancellationToken)
    {
        var device = system.NextDevice();
        var clock = Stopwatch.StartNew();
        var filing = File();
        var (shownAs, shownAfter, tracked) = ((string?)null, (double?)null, "not there");
        while (shownAs is null && clock.Elapsed < extent.Limit)
        {
            var found = (await client.GetAsync("tracking", $"returns?serialNumber={Uri.EscapeDataString(device.SerialNumber)}", cancellationToken)).Require().Body.GetProperty("items");
            if (found.GetArrayLength() > 0) tracked = Text(found[0], "status") ?? tracked;
            if (tracked is "Stuck" or "Incomplete") (shownAs, shownAfter) = (tracked, clock.Elapsed.TotalMilliseconds);
            else await Task.Delay(Look, cancellationToken);
        }

        var (status, returnId, answered) = await filing;
        var (ready, lag) = (await Ready(client, cancellationToken), await Lag(client, cancellationToken));
        var atUserSupport = Text((await client.GetAsync("user-support", $"returns/{returnId}", cancellationToken)).Require().Body, "status") ?? "";
        return (new Noticed(cause, mode, shownAs, shownAfter, status, answered, tracked, atUserSupport, ready, lag, 0), returnId!);

        async Task<(int Status, string? ReturnId, double After)> File()
        {
            var (code, id) = await load.File(device, mode, cancellationToken);
            return (code, id, clock.Elapsed.TotalMilliseconds);
        }
    }

    // What a person does when the trouble is over: dead letters are re-driven, and what is incomplete goes on by itself.
    private static async Task UntilSettled(EseClient client, string returnId, CancellationToken cancellationToken)
    {
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(Look, cancellationToken))
        {
            var answer = await client.GetAsync("tracking", $"returns/{returnId}", cancellationToken);
            var status = Text(answer.Body, "status");
            if (status is "Stuck") await client.PostAsync(Team, "dead-letters/redrive", new { key = returnId }, cancellationToken);
            if (status is not ("Stuck" or "Incomplete") && answer.Succeeded && answer.Body.GetProperty("settled").GetBoolean()) return;
            if (waited.Elapsed > Patience) throw new InvalidOperationException($"{returnId} does not settle: {status}.");
        }
    }

    private static async Task<bool?> Ready(EseClient client, CancellationToken cancellationToken)
    {
        try
        {
            return (await client.GetAsync(Team, "health/ready", cancellationToken)).Succeeded;
        }
        catch (LauncherException)
        {
            return null;
        }
    }

    private static async Task<long?> Lag(EseClient client, CancellationToken cancellationToken)
    {
        try
        {
            return (await client.GetAsync(Team, "consumers", cancellationToken)).Require().Body.EnumerateArray()
                .Sum(position => position.GetProperty("lag") is { ValueKind: JsonValueKind.Number } lag ? lag.GetInt64() : 0);
        }
        catch (LauncherException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement body, string name) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
