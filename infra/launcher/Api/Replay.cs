using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace EseErp.Launcher.Api;

/// <summary>
/// Has a service read everything from the beginning, and watches until it has: a team's group with its inbox kept, so that
/// nothing may happen twice; Tracking's projection built again.
/// </summary>
/// <param name="report">Hears, in sentences, how far it is.</param>
public sealed class Replay(EseClient client, Action<string> report)
{
    private const string Tracking = "tracking";

    /// <summary>Gives up when nothing has moved for this long.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Returns when the service has caught up.</summary>
    /// <param name="acceptLoss">Goes on with what is left where the broker no longer has all; otherwise that is refused.</param>
    /// <exception cref="LauncherException">It was refused, got stuck, or did something twice; the message says which.</exception>
    public Task RunAsync(string service, bool acceptLoss, CancellationToken cancellationToken)
    {
        var team = ServiceCatalog.Find(service).Team;
        return team == Tracking ? RebuildAsync(acceptLoss, cancellationToken) : ReplayAsync(team, acceptLoss, cancellationToken);
    }

    private async Task RebuildAsync(bool acceptLoss, CancellationToken cancellationToken)
    {
        var before = (await ProjectionAsync(cancellationToken)).Build;
        await AskAsync(Tracking, "projection/rebuild", acceptLoss, cancellationToken);
        report("The projection is deleted and built again from the teams' events.");
        var last = await WatchAsync(
            Tracking,
            () => ProjectionAsync(cancellationToken),
            projection => projection is { State: "live", Lag: 0 } && projection.Build > before,
            projection => $"{projection.State}, {projection.Lag:N0} events to go",
            cancellationToken);
        report($"The projection is live again, as build {last.Build}.");
    }

    private async Task ReplayAsync(string team, bool acceptLoss, CancellationToken cancellationToken)
    {
        var (logBefore, before, countersBefore) =
            (await LogAsync(team, cancellationToken), await PositionAsync(team, cancellationToken), await CountersAsync(team, cancellationToken));
        var answer = await AskAsync(team, "consumers/replay", acceptLoss, cancellationToken);
        report($"{team} reads {Number(answer, "records"):N0} records again, from the oldest one that the broker holds.");
        var after = await WatchAsync(
            team, () => PositionAsync(team, cancellationToken), position => position.Lag == 0, position => $"{position.Lag:N0} records to go", cancellationToken);

        var (logAfter, countersAfter) = (await LogAsync(team, cancellationToken), await CountersAsync(team, cancellationToken));
        var counted = countersAfter.Since(countersBefore);
        if (counted.Applied < 0) throw new LauncherException($"{team} was restarted meanwhile and counts from zero again; its log shows the result of the replay.");
        report($"{team} has read everything: {counted.Redelivered:N0} events came again and the inbox stopped them, {counted.Applied:N0} were new.");
        report($"Events in its log: {logBefore:N0} before, {logAfter:N0} after.");
        // What it had not read, and what was published since, it may apply; nothing else.
        var unread = before.Lag + (after.End - before.End);
        if (counted.Applied > unread) throw new LauncherException($"{team} has applied {counted.Applied:N0} events, and only {unread:N0} were new.");
        if (counted.Dead > 0) throw new LauncherException($"{counted.Dead:N0} records have become dead letters; see ./ese dead-letters list {team}.");
        if (logAfter != logBefore) report("The events recorded meanwhile are not from the replay: no old event was applied.");
    }

    private async Task<JsonElement> AskAsync(string team, string path, bool acceptLoss, CancellationToken cancellationToken)
    {
        var answer = await client.PostAsync(team, acceptLoss ? $"{path}?acceptLoss=true" : path, null, cancellationToken);
        if (answer.Status == 404) throw new LauncherException($"{team} consumes no events, so there is nothing to read again.");
        if (answer.Status == 409 && answer.Body.TryGetProperty("dropped", out _))
            throw new LauncherException($"{answer.Body.Explanation()} (./ese replay --service {team} --from-beginning --accept-loss)");
        return answer.Require().Body;
    }

    /// <summary>Looks again and again until it is done; reports what changes.</summary>
    private async Task<T> WatchAsync<T>(string team, Func<Task<T>> look, Func<T, bool> done, Func<T, string> describe, CancellationToken cancellationToken)
    {
        var (sinceMove, sinceReport) = (Stopwatch.StartNew(), Stopwatch.StartNew());
        var seen = await look();
        while (!done(seen))
        {
            if (sinceReport.Elapsed > TimeSpan.FromSeconds(1))
            {
                report($"  {describe(seen)}…");
                sinceReport.Restart();
            }

            await Task.Delay(200, cancellationToken);
            var now = await look();
            if (!EqualityComparer<T>.Default.Equals(now, seen)) sinceMove.Restart();
            else if (sinceMove.Elapsed > Patience)
                throw new LauncherException($"{team} has not moved for {Patience.TotalSeconds:0} s: {describe(seen)}. ./ese logs {team} may show why.");
            seen = now;
        }

        return seen;
    }

    private async Task<Projection> ProjectionAsync(CancellationToken cancellationToken)
    {
        var body = (await client.GetAsync(Tracking, "projection", cancellationToken)).Require().Body;
        return new Projection(body.Text("state") ?? "", Number(body, "build"), Number(body, "lag"));
    }

    private async Task<long> LogAsync(string team, CancellationToken cancellationToken) =>
        Number((await client.GetAsync(team, "event-log/count", cancellationToken)).Require().Body, "events");

    private async Task<Position> PositionAsync(string team, CancellationToken cancellationToken)
    {
        var positions = (await client.GetAsync(team, "consumers", cancellationToken)).Require().Body;
        return new Position(positions.EnumerateArray().Sum(position => Number(position, "lag")), positions.EnumerateArray().Sum(position => Number(position, "end")));
    }

    private async Task<Counters> CountersAsync(string team, CancellationToken cancellationToken)
    {
        var metrics = await client.MetricsAsync(team, cancellationToken);
        return new Counters(Count("ese_pump_applied"), Count("ese_pump_redelivered"), Count("ese_pump_dead_letters"));

        long Count(string name) => (long)metrics.FirstOrDefault(metric => metric.Key.StartsWith(name, StringComparison.Ordinal)).Value;
    }

    private static long Number(JsonElement element, string name) => long.Parse(element.Text(name) ?? "0", CultureInfo.InvariantCulture);

    private sealed record Projection(string State, long Build, long Lag);

    private sealed record Position(long Lag, long End);

    private sealed record Counters(long Applied, long Redelivered, long Dead)
    {
        public Counters Since(Counters before) => new(Applied - before.Applied, Redelivered - before.Redelivered, Dead - before.Dead);
    }
}
