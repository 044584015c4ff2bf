using EseErp.Lab.Auditing;
using EseErp.Lab.Chaos;

namespace EseErp.SystemTests.Running;

/// <summary>A small run without faults whose system still stands, settled and accounted for, to tamper with.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "xunit calls DisposeAsync.")]
public sealed class SettledChaos : IAsyncLifetime
{
    private readonly ChaosRun _run = new(new ChaosOptions { Faults = 0, Returns = 60, Seed = 11, Directory = ThrowAwayDirectory.Create() });

    internal ChaosReport Report { get; private set; } = null!;

    public Databases Data { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Report = await _run.RunAsync(CancellationToken.None);
        Data = new Databases(_run.System.Processes);
    }

    public async Task DisposeAsync()
    {
        await Data.DisposeAsync();
        await _run.DisposeAsync();
        await _run.DeleteAsync();
    }

    /// <summary>Accounts for everything as it is now.</summary>
    internal Task<AuditResult> Audit() => _run.AuditAsync(CancellationToken.None);
}
