using System.Text.Json;

namespace EseErp.Launcher.Api;

/// <summary>
/// Sets and lifts the faults of a running system's services. To end a process, <see cref="EseSystem.KillServiceAsync"/>; to have
/// it away for a while, <see cref="EseSystem.StopServiceAsync"/>.
/// </summary>
public sealed class TeamFaults(EseClient client)
{
    private const string Path = "faults";

    /// <summary>Replaces whatever was set at a team.</summary>
    /// <exception cref="LauncherException">The team refuses it, has faults switched off, or does not answer.</exception>
    public async Task<FaultState> SetAsync(string team, FaultSettings faults, CancellationToken cancellationToken) =>
        Read(await client.PutAsync(team, Path, faults, cancellationToken));

    /// <summary>Lifts whatever is set at a team.</summary>
    /// <inheritdoc cref="SetAsync" path="/exception" />
    public Task<FaultState> LiftAsync(string team, CancellationToken cancellationToken) => SetAsync(team, FaultSettings.None, cancellationToken);

    /// <summary>What is set at a team.</summary>
    /// <inheritdoc cref="SetAsync" path="/exception" />
    public async Task<FaultState> ReadAsync(string team, CancellationToken cancellationToken) =>
        Read(await client.GetAsync(team, Path, cancellationToken));

    private static FaultState Read(ApiAnswer answer) => answer.Status == 404
        ? throw new LauncherException($"Faults are switched off at {answer.Team} (Ese:Faults is not set, as in the environment Production).")
        : answer.Require().Body.Deserialize<FaultState>(JsonSerializerOptions.Web)!;
}
