using System.Globalization;
using System.Net.Http.Json;
using EseErp.Launcher;

namespace EseErp.Lab.Comparison;

/// <summary>Where a scenario does what it does, while the returns of a round arrive; it ends when all is as before.</summary>
internal sealed class Stage(ComparedSystem system)
{
    // Those that a return is the work of, beside the publisher.
    private static readonly string[] s_called = ["sales", "inventory", "manufacturing", "accounting"];

    private readonly List<string> _notes = [];

    public ComparedSystem System => system;

    /// <summary>What was seen meanwhile, for people.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>A team has faults for a while (see <c>PUT /faults</c>).</summary>
    public async Task FaultAsync(string team, object faults, TimeSpan from, TimeSpan hold, CancellationToken cancellationToken)
    {
        await Task.Delay(from, cancellationToken);
        await SetAsync(team, faults, cancellationToken);
        try
        {
            await Task.Delay(hold, cancellationToken);
        }
        finally
        {
            await SetAsync(team, new { }, CancellationToken.None);
        }
    }

    public async Task StopAsync(string team, TimeSpan from, TimeSpan hold, CancellationToken cancellationToken)
    {
        await Task.Delay(from, cancellationToken);
        await system.Processes.StopServiceAsync(team);
        try
        {
            await Task.Delay(hold, cancellationToken);
        }
        finally
        {
            await system.Processes.StartServiceAsync(team, CancellationToken.None);
        }
    }

    public async Task KillAsync(string team, TimeSpan from, CancellationToken cancellationToken)
    {
        await Task.Delay(from, cancellationToken);
        await system.Processes.KillServiceAsync(team);
        await system.Processes.WaitUntilReadyAsync(team, cancellationToken);
    }

    public async Task RefuseDatabaseAsync(string database, TimeSpan from, TimeSpan hold, CancellationToken cancellationToken)
    {
        await Task.Delay(from, cancellationToken);
        try
        {
            await system.RefuseSessionsAsync(database, cancellationToken);
            await Task.Delay(hold, cancellationToken);
        }
        finally
        {
            await system.AcceptSessionsAsync(database);
        }
    }

    /// <summary>Everything that comes to a team, called or told, is on its way for so long.</summary>
    public async Task DelayTeamsAsync(int milliseconds, CancellationToken cancellationToken)
    {
        foreach (var team in s_called)
            await SetAsync(team, new { latency = new { distribution = "constant", medianMilliseconds = milliseconds } }, cancellationToken);
    }

    public async Task LiftFaultsAsync()
    {
        foreach (var team in s_called)
            await SetAsync(team, new { }, CancellationToken.None);
    }

    public Task AddReplicasAsync(CancellationToken cancellationToken) => system.AddReplicasAsync(cancellationToken);

    public Task RemoveReplicasAsync() => system.RemoveReplicasAsync();

    public Task RestartAsync(string team, CancellationToken cancellationToken) => system.RestartAsync([team], cancellationToken);

    public Task RestartAllAsync(CancellationToken cancellationToken) =>
        system.RestartAsync([.. ServiceCatalog.All.Select(service => service.Team)], cancellationToken);

    public async Task SubscribeAsync(TimeSpan from, CancellationToken cancellationToken)
    {
        await Task.Delay(from, cancellationToken);
        try
        {
            var (elapsed, returns) = await system.SubscribeAsync(cancellationToken);
            _notes.Add(string.Create(
                CultureInfo.InvariantCulture, $"The subscriber had all of the past, {returns} returns, {elapsed.TotalSeconds:0.0} s after its process was started."));
        }
        finally
        {
            await system.UnsubscribeAsync();
        }
    }

    private async Task SetAsync(string team, object faults, CancellationToken cancellationToken)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var answer = await client.PutAsJsonAsync(new Uri(system.Processes.BaseAddress(team), "faults"), faults, cancellationToken);
        if (!answer.IsSuccessStatusCode)
            throw new LauncherException($"{team} does not take faults: it answered {(int)answer.StatusCode}.");
    }
}
