using System.Text.Json;

namespace EseErp.Benchmarks;

/// <summary>The whole system in one mode.</summary>
internal sealed class RatedSystem(SystemUnderTest system, string mode) : IRatedSystem
{
    public string Name => NameOf(mode);

    public Uri Returns { get; } = new(system.AddressOf("user-support"), "returns");

    public string Table => "public.returns";

    /// <summary>What a mode is called among the figures.</summary>
    public static string NameOf(string mode) => $"{mode} mode";

    public byte[] NextBody() => JsonSerializer.SerializeToUtf8Bytes(Load.Body(system.NextDevice(), mode), JsonSerializerOptions.Web);

    public ProcessorTime Cpu() => new(
        system.ServiceProcesses.Select(ProcessFigures.Cpu).Aggregate(TimeSpan.Zero, (sum, time) => sum + time),
        ProcessFigures.CpuOfTree(system.PostgresProcess));
}
