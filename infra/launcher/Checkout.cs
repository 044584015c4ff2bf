using System.Globalization;
using System.Reflection;
using Npgsql;

namespace EseErp.Launcher;

/// <summary>Where this checkout is, and the settings it takes from the environment.</summary>
public static class Checkout
{
    public const int DefaultPortBase = 5100;

    /// <summary>The repository this launcher was built in.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The configuration it was built in: <c>Release</c>, unless somebody has asked for another.</summary>
    public static string Configuration { get; } = typeof(Checkout).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;

    /// <summary>What a project of it is built into, below the project's own folder: <c>bin/Release/net10.0</c>.</summary>
    public static string BuiltInto { get; } =
        typeof(Checkout).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == nameof(BuiltInto)).Value!;

    /// <summary><c>.ese/</c>: everything that is made at run time; nothing else of ours is written outside of build output.</summary>
    public static string WorkDirectory => Path.Combine(Root, ".ese");

    /// <summary><c>ESE_PORT_BASE</c>, 5100 by default.</summary>
    public static int PortBase
    {
        get
        {
            var text = Environment.GetEnvironmentVariable("ESE_PORT_BASE");
            if (string.IsNullOrWhiteSpace(text))
                return DefaultPortBase;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1024 and <= 65400)
                return port;
            throw new LauncherException($"ESE_PORT_BASE must be a number from 1024 to 65400, not '{text}'.");
        }
    }

    /// <summary><c>ESE_POSTGRES</c>: an administrator's connection string to a server that is already there.</summary>
    public static string? ExternalPostgres
    {
        get
        {
            var text = Environment.GetEnvironmentVariable("ESE_POSTGRES");
            if (string.IsNullOrWhiteSpace(text))
                return null;
            try
            {
                return new NpgsqlConnectionStringBuilder(text).ConnectionString;
            }
            catch (ArgumentException failure)
            {
                throw new LauncherException($"ESE_POSTGRES is no Npgsql connection string: {failure.Message}", failure);
            }
        }
    }

    /// <summary><c>KAFKA_BOOTSTRAP_SERVERS</c>: a Kafka that is already there, as <c>host:port,…</c>.</summary>
    public static string? KafkaBootstrapServers =>
        Environment.GetEnvironmentVariable("KAFKA_BOOTSTRAP_SERVERS")?.Trim() is { Length: > 0 } servers ? servers : null;

    /// <summary><c>ESE_DATABASE_PREFIX</c>: keeps several systems apart that share one server through <c>ESE_POSTGRES</c>.</summary>
    public static string DatabasePrefix
    {
        get
        {
            var text = Environment.GetEnvironmentVariable("ESE_DATABASE_PREFIX") ?? "";
            // PostgreSQL cuts names at 63 bytes; the longest of ours has 17.
            if (text.Length <= 40 && text.All(letter => letter is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_'))
                return text;
            throw new LauncherException($"ESE_DATABASE_PREFIX may hold up to 40 lower-case letters, digits and underscores, not '{text}'.");
        }
    }

    /// <summary><c>ESE_BROKER_RETENTION_DAYS</c>: how long the broker keeps records, 7 days by default. The inboxes keep twice that.</summary>
    public static int BrokerRetentionDays
    {
        get
        {
            var text = Environment.GetEnvironmentVariable("ESE_BROKER_RETENTION_DAYS");
            if (string.IsNullOrWhiteSpace(text))
                return 7;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is >= 2 and <= 3650)
                return days;
            throw new LauncherException($"ESE_BROKER_RETENTION_DAYS must be a number from 2 to 3650, not '{text}'.");
        }
    }

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "EseErp.sln")))
                return directory.FullName;
        }

        return Environment.CurrentDirectory;
    }
}
