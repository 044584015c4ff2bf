using System.Globalization;
using EseErp.Launcher.Kafka;
using EseErp.Launcher.Postgres;
using Npgsql;

namespace EseErp.Launcher;

/// <summary>What a service is told through its environment.</summary>
internal static class ServiceEnvironment
{
    /// <param name="kafka">The Kafka of the system's own, if it has one.</param>
    public static IReadOnlyDictionary<string, string?> Of(
        ServiceDefinition service, EseSystemOptions options, ProvisionedDatabases databases, IOwnKafka? kafka)
    {
        var environment = new Dictionary<string, string?>
        {
            ["ASPNETCORE_URLS"] = Address(service),
            // Container images set this one, and it would compete with the address above.
            ["ASPNETCORE_HTTP_PORTS"] = null,
            // The administrator's password is none of a service's business.
            ["ESE_POSTGRES"] = null,
            ["ConnectionStrings__Database"] = Signed(databases.Database(service.Database)),
            ["ConnectionStrings__Broker"] = Signed(databases.Broker(service.Database)),
            ["Ese__Broker"] = options.Broker,
            ["Ese__Messaging__BrokerRetention"] = Days(Checkout.BrokerRetentionDays),
            ["Ese__Messaging__InboxRetention"] = Days(2 * Checkout.BrokerRetentionDays),
            ["Ese__LogDirectory"] = Path.Combine(options.Work, "logs"),
            ["Ese__DemoData"] = Text(options.DemoData),
            ["Ese__AutoAdvance"] = Text(options.AutoAdvance),
            ["Ese__StopWhenStdinCloses"] = Text(true),
            // Each service would watch its settings for changes, and not start where the machine's inotify instances are used up.
            ["DOTNET_hostBuilder__reloadConfigOnChange"] = Text(false),
        };
        // Other KAFKA_ variables, such as KAFKA_SASL_USERNAME, are inherited.
        if (kafka is not null)
        {
            environment["KAFKA_BOOTSTRAP_SERVERS"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{kafka.Port}");
            environment["KAFKA_BROKER_VERSION"] = kafka.BrokerVersion;
        }
        else if (options is { Broker: "kafka", KafkaBootstrapServers: { } servers })
        {
            environment["KAFKA_BOOTSTRAP_SERVERS"] = servers;
        }

        var stage = System.Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT");
        if (string.IsNullOrEmpty(stage))
            environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        environment["Ese__Faults"] = Text(options.Faults && !string.Equals(stage, "Production", StringComparison.OrdinalIgnoreCase));
        foreach (var team in ServiceCatalog.All)
            environment[$"Ese__Teams__{team.Directory}"] = Address(team);
        // A proxy set for the outside world must not see calls between the services.
        foreach (var name in new[] { "no_proxy", "NO_PROXY" })
        {
            var others = System.Environment.GetEnvironmentVariable(name);
            environment[name] = string.IsNullOrEmpty(others) ? "127.0.0.1,localhost" : $"{others},127.0.0.1,localhost";
        }

        foreach (var (name, value) in options.Environment)
            environment[name] = value;
        if (options.ServiceEnvironment.TryGetValue(service.Team, out var own))
        {
            foreach (var (name, value) in own)
                environment[name] = value;
        }

        return environment;

        // PostgreSQL then shows which process a session belongs to; replicas have names of their own.
        string Signed(string connection) => new NpgsqlConnectionStringBuilder(connection) { ApplicationName = service.Team }.ConnectionString;

        string Address(ServiceDefinition of) =>
            string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{options.PortBase + of.PortOffset}");
    }

    private static string Days(int days) => string.Create(CultureInfo.InvariantCulture, $"{days}.00:00:00");

    private static string Text(bool value) => value ? "true" : "false";
}
