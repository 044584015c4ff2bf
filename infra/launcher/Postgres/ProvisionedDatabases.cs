using EseErp.Launcher.Supervision;
using Npgsql;

namespace EseErp.Launcher.Postgres;

/// <summary>How each service reaches its database and the broker's.</summary>
public sealed class ProvisionedDatabases(string administratorConnectionString, Secrets secrets, string prefix)
{
    // Seven services with both pools full stay below the local server's 300 connections.
    private const int DatabasePool = 28;
    private const int BrokerPool = 10;

    /// <summary>Those of a system that is running from this checkout.</summary>
    public static ProvisionedDatabases Of(SystemState system) => new(
        Checkout.ExternalPostgres ?? new NpgsqlConnectionStringBuilder { Host = system.Postgres.Host, Port = system.Postgres.Port }.ConnectionString,
        new Secrets(LocalPostgres.SecretsPath(Checkout.WorkDirectory)),
        Checkout.DatabasePrefix);

    /// <summary>The owner of the broker's database.</summary>
    public string BrokerOwner => Connect(DatabaseProvisioning.BrokerDatabase, DatabaseProvisioning.BrokerDatabase, BrokerPool);

    /// <summary>A service's own database, such as <c>ese_sales</c>, as its own role.</summary>
    public string Database(string database) => Connect(database, database, DatabasePool);

    /// <summary>The broker's database as that service's role.</summary>
    public string Broker(string database) => Connect(DatabaseProvisioning.BrokerDatabase, database, BrokerPool);

    private string Connect(string database, string role, int pool)
    {
        // Keeps what an administrator's connection string says about the network (host, port, TLS), and nothing else of it.
        var administrator = new NpgsqlConnectionStringBuilder(administratorConnectionString);
        return new NpgsqlConnectionStringBuilder
        {
            Host = administrator.Host,
            Port = administrator.Port,
            SslMode = administrator.SslMode,
            RootCertificate = administrator.RootCertificate,
            Database = prefix + database,
            Username = prefix + role,
            Password = secrets.PasswordOf(prefix + role),
            MaxPoolSize = pool,
        }.ConnectionString;
    }
}
