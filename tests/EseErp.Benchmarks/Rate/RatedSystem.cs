using System.Text.Json;

namespace EseErp.Benchmarks;

/// <summary>The whole system in event mode.</summary>
internal sealed class RatedSystem(SystemUnderTest system) : IRatedSystem
{
    public string Name => "event mode";

    public Uri Returns { get; } = new(system.AddressOf("user-support"), "returns");

    public string Table => "public.returns";

    public byte[] NextBody() => JsonSerializer.SerializeToUtf8Bytes(Load.Body(system.NextDevice(), "event"), JsonSerializerOptions.Web);

    public ProcessorTime Cpu() => new(
        system.ServiceProcesses.Select(ProcessFigures.Cpu).Aggregate(TimeSpan.Zero, (sum, time) => sum + time),
        ProcessFigures.CpuOfTree(system.PostgresProcess));
}
