using System.Diagnostics;
using System.Text.Json;
using EseErp.DemoData;

namespace EseErp.Benchmarks;

/// <summary>The raw twin as a process of its own, beside the system's databases; the services have ended by then.</summary>
internal sealed class RawTwin : IRatedSystem, IAsyncDisposable
{
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(10);

    private readonly SystemUnderTest _system;
    private readonly Process _process;
    private readonly IReadOnlyList<DemoReturn> _devices;
    private int _bodies;

    private RawTwin(SystemUnderTest system, Process process, string address) =>
        (_system, _process, _devices, Returns) = (system, process, system.SomeDevices(1_000), new Uri(new Uri(address), "returns"));

    public string Name => "raw twin";

    private string Mode { get; init; } = "event";

    public Uri Returns { get; }

    public string Table => $"{TwinPlan.Schema}.returns";

    public static async Task<RawTwin> Start(SystemUnderTest system, TimeSpan pace, bool byCalls, CancellationToken cancellationToken)
    {
        var plan = await TwinPlan.Make(system, pace, byCalls, cancellationToken);
        var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [typeof(RawTwin).Assembly.Location, RawTwinProcess.Command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        try
        {
            // Not by an argument: passwords are in it.
            await process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(plan).AsMemory(), cancellationToken);
            await process.StandardInput.FlushAsync(cancellationToken);
            var address = await process.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new InvalidOperationException("The raw twin did not start.");
            return new RawTwin(system, process, address) { Mode = byCalls ? "traditional" : "event" };
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }
    }

    // It decides nothing: orders and SKUs come again, serial numbers do not.
    public byte[] NextBody()
    {
        var number = ++_bodies;
        return JsonSerializer.SerializeToUtf8Bytes(Load.Body(_devices[number % _devices.Count] with { SerialNumber = $"TWIN-{number:D9}" }, Mode), JsonSerializerOptions.Web);
    }

    public ProcessorTime Cpu() => new(ProcessFigures.Cpu(_process.Id), ProcessFigures.CpuOfTree(_system.PostgresProcess));

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(EndLimit);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
