using System.Text.Json.Nodes;
using EseErp.Launcher;

namespace EseErp.Services.Tests.Running;

/// <summary>What the services log as an error from a moment on.</summary>
internal sealed class ErrorWatch
{
    private readonly RunningSystem _system;
    private readonly Dictionary<string, long> _positions = [];

    private ErrorWatch(RunningSystem system) => _system = system;

    public static async Task<ErrorWatch> Start(RunningSystem system)
    {
        var watch = new ErrorWatch(system);
        await watch.Since();
        return watch;
    }

    /// <summary>The error entries since the start or the last call.</summary>
    public async Task<IReadOnlyList<string>> Since()
    {
        var errors = new List<string>();
        foreach (var service in ServiceCatalog.All)
        {
            while (await Next(service.Team) is { Count: > 0 } entries)
            {
                _positions[service.Team] = (long)entries[^1]!["sequence"]!;
                errors.AddRange(entries.Where(entry => (string?)entry!["level"] is "Error" or "Critical").Select(entry => entry!.ToJsonString()));
            }
        }

        return errors;
    }

    private async Task<JsonArray> Next(string team) =>
        (await _system.Get(team, $"/logs?limit=500&after={_positions.GetValueOrDefault(team)}"))["items"]!.AsArray();
}
