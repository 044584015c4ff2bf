using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using EseErp.Launcher.Kafka;
using EseErp.Launcher.Output;
using EseErp.Launcher.Postgres;
using EseErp.Launcher.Supervision;

namespace EseErp.Launcher.CommandLine;

/// <summary><c>./ese env sales</c>: the settings of a service that you run yourself, against the system that runs.</summary>
internal static class EnvCommand
{
    // These belong to a process that the launcher starts and ends.
    private static readonly string[] s_ofTheLauncher =
        ["Ese__StopWhenStdinCloses", "Ese__LogDirectory", "DOTNET_hostBuilder__reloadConfigOnChange", "ASPNETCORE_HTTP_PORTS", "ESE_POSTGRES", "no_proxy", "NO_PROXY"];

    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    public static Command Create()
    {
        var team = new Argument<string>("team") { Description = "For example sales" };
        var userSecrets = new Option<bool>("--user-secrets")
        {
            Description = "Write them to the service's user secrets, where dotnet run and F5 find them, instead of printing them",
        };
        var command = new Command("env", "Show the settings of a service that you run yourself: eval \"$(./ese env sales)\"") { team, userSecrets };
        command.SetAction(parsed => Run(ServiceCatalog.Find(parsed.GetValue(team)!), parsed.GetValue(userSecrets)));
        return command;
    }

    private static int Run(ServiceDefinition service, bool writes)
    {
        if (SystemState.Running(Checkout.WorkDirectory) is not { } system)
            throw new LauncherException($"No system is running from this checkout; start one with ./ese up -d --except {service.Team}.");
        if (system.Services.Any(other => other.Team == service.Team && other.Process is not null))
            Screen.Error($"{service.Team} already runs in this system; end it with ./ese stop {service.Team}, or start with ./ese up --except {service.Team}.");

        var options = new EseSystemOptions
        {
            PortBase = system.PortBase,
            Broker = system.Kafka is null ? "postgres" : "kafka",
            KafkaBootstrapServers = system.Kafka?.BootstrapServers,
            AutoAdvance = system.AutoAdvance,
        };
        var settings = ServiceEnvironment.Of(service, options, ProvisionedDatabases.Of(system), kafka: null)
            .Where(setting => setting.Value is not null && !s_ofTheLauncher.Contains(setting.Key))
            .ToDictionary(setting => setting.Key, setting => setting.Value!);
        if (writes)
        {
            var path = WriteUserSecrets(service, settings);
            Screen.Line($"{settings.Count} settings of {service.Team} are in {path}; run it with: dotnet run --project services/{service.Directory}");
            return 0;
        }

        foreach (var (name, value) in settings)
            Screen.Line($"export {name}='{value.Replace("'", "'\\''", StringComparison.Ordinal)}'");
        return 0;
    }

    // As dotnet user-secrets writes them: flat, with colons, readable by nobody else.
    private static string WriteUserSecrets(ServiceDefinition service, Dictionary<string, string> settings)
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var path = Path.Combine(home, ".microsoft", "usersecrets", $"ese-erp-{service.Team}", "secrets.json");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var secrets = new JsonObject();
        foreach (var (name, value) in settings)
            secrets[name.Replace("__", ":", StringComparison.Ordinal)] = value;
        var access = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            access.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(path, access);
        JsonSerializer.Serialize(file, secrets, s_indented);
        return path;
    }
}
