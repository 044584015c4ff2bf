using EseErp.Launcher.Kafka;
using EseErp.Launcher.Postgres;

namespace EseErp.Launcher.Supervision;

/// <summary>
/// What an earlier launcher may have left behind in spite of everything. Processes are known by id and start time, so
/// that no other program's is touched, and by where they write, so that those of another checkout that this one is a copy of are not.
/// </summary>
internal static class Leftovers
{
    /// <summary>Returns how many there were.</summary>
    public static async Task<int> EndServicesAsync(string workDirectory)
    {
        var processes = (SystemState.Last(workDirectory)?.Services ?? [])
            .Select(service => service.Process)
            .OfType<ProcessIdentity>()
            .Where(process => process.IsAlive && process.WritesInto(workDirectory))
            .ToList();
        await Task.WhenAll(processes.Select(process => process.EndAsync(Signals.Terminate, TimeSpan.FromSeconds(5))));
        return processes.Count;
    }

    public static async Task<bool> EndPostgresAsync(string workDirectory)
    {
        await using var postgres = new LocalPostgres(workDirectory, port: 0);
        return postgres.IsRunning;
    }

    public static Task<bool> EndKafkaAsync(string workDirectory) => LocalKafka.EndLeftoversAsync(workDirectory);
}
