using System.Text.Json;
using System.Text.Json.Serialization;

namespace EseErp.Launcher.Supervision;

/// <summary>What a running launcher tells other processes about itself, in <c>.ese/state.json</c>.</summary>
/// <param name="Kafka">Null when the broker is PostgreSQL.</param>
/// <param name="AutoAdvance">Whether items are received, diagnosed and taken apart by themselves.</param>
public sealed record SystemState(
    ProcessIdentity Launcher,
    SystemPhase Phase,
    int PortBase,
    PostgresState Postgres,
    KafkaState? Kafka,
    bool AutoAdvance,
    IReadOnlyList<ServiceState> Services)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>The state of the system that runs in this work directory; null when none does.</summary>
    public static SystemState? Running(string workDirectory) =>
        Last(workDirectory) is { Phase: not SystemPhase.Stopped } state && SystemLock.Holder(workDirectory) == state.Launcher ? state : null;

    /// <summary>The state last written, whether or not that system still runs.</summary>
    public static SystemState? Last(string workDirectory)
    {
        if (TextFiles.Read(PathIn(workDirectory)) is not { } text)
            return null;
        try
        {
            return JsonSerializer.Deserialize<SystemState>(text, s_json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A full disk makes others see an old state; it is no reason to stop what runs.</summary>
    public void TryWrite(string workDirectory)
    {
        try
        {
            TextFiles.Replace(PathIn(workDirectory), JsonSerializer.Serialize(this, s_json));
        }
        catch (IOException)
        {
        }
    }

    private static string PathIn(string workDirectory) => Path.Combine(workDirectory, "state.json");
}

[JsonConverter(typeof(JsonStringEnumConverter<SystemPhase>))]
public enum SystemPhase
{
    Starting,
    Ready,
    Stopping,
    Stopped,
}

/// <param name="Pid">Null when the server is one we did not start.</param>
public sealed record PostgresState(string Host, int Port, int? Pid);

/// <param name="BootstrapServers">Where clients reach it.</param>
/// <param name="Port">Its port on this machine; null when it is one we did not start.</param>
/// <param name="Pid">Null when it is no process of ours.</param>
public sealed record KafkaState(string BootstrapServers, int? Port, int? Pid);

/// <param name="Process">Null while it is not running.</param>
/// <param name="Wanted">False after <c>./ese stop</c>.</param>
public sealed record ServiceState(string Team, int Port, ProcessIdentity? Process, bool Wanted);
