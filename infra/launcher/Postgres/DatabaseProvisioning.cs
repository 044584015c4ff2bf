using System.Text;
using Npgsql;

namespace EseErp.Launcher.Postgres;

/// <summary>
/// One database and one least-privilege role per service, and the broker's. May be run again at any time, and by
/// several at once; brings what is there into the wanted state and keeps data.
/// </summary>
/// <param name="administratorConnectionString">A role that may create roles and databases.</param>
/// <param name="secrets">The roles' passwords.</param>
/// <param name="prefix">Put before every database's and role's name, so that several sets live on one server.</param>
public sealed class DatabaseProvisioning(string administratorConnectionString, Secrets secrets, string prefix = "")
{
    /// <summary>A role without login that every service's role is a member of; what the broker grants, it grants to this.</summary>
    public const string BrokerClientRole = "ese_broker_client";
    public const string BrokerDatabase = "ese_broker";

    // Any constant of our own.
    private const long LockKey = 0x65736565_7270;

    /// <summary>Databases of services; Notifications has one before it has a process.</summary>
    private static readonly string[] s_serviceDatabases =
        [.. ServiceCatalog.All.Select(service => service.Database).Append("ese_notifications").Distinct()];

    private readonly string _administrator = new NpgsqlConnectionStringBuilder(administratorConnectionString) { Pooling = false }.ConnectionString;

    /// <summary>Which broker the data belong to; null while there are none.</summary>
    public async Task<string?> BrokerOfDataAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await using var connection = new NpgsqlConnection(_administrator);
            await connection.OpenAsync(cancellationToken);
            await using var query = new NpgsqlCommand("SELECT coalesce(shobj_description(oid, 'pg_database'), @unnamed) FROM pg_database WHERE datname = @name", connection);
            query.Parameters.AddWithValue("name", prefix + BrokerDatabase);
            // Data from before there was a choice.
            query.Parameters.AddWithValue("unnamed", DataBroker.Postgres);
            return (string?)await query.ExecuteScalarAsync(cancellationToken);
        }
        catch (NpgsqlException failure)
        {
            throw new LauncherException($"The databases could not be read: {failure.Message}", failure);
        }
    }

    /// <summary>Creates what is missing, then runs the broker's schema as its owner.</summary>
    /// <param name="broker">Which broker new data belong to; those that are there stay with theirs.</param>
    /// <param name="brokerSchema">
    /// Idempotent SQL, run as the owner of the broker's database; empty for none. Where it names
    /// <c>ese_broker_client</c>, the prefixed role is put in.
    /// </param>
    public async Task<ProvisionedDatabases> ProvisionAsync(
        string brokerSchema = "", string broker = DataBroker.Postgres, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var connection = new NpgsqlConnection(_administrator);
            await connection.OpenAsync(cancellationToken);
            // Held by the session, as CREATE DATABASE cannot be part of a transaction.
            await ExecuteAsync(connection, $"SELECT pg_advisory_lock({LockKey})", cancellationToken);
            await CreateAsync(connection, broker, cancellationToken);

            var provisioned = new ProvisionedDatabases(_administrator, secrets, prefix);
            if (brokerSchema.Length > 0)
            {
                await using var owner = new NpgsqlConnection(provisioned.BrokerOwner);
                await owner.OpenAsync(cancellationToken);
                await ExecuteAsync(owner, brokerSchema.Replace(BrokerClientRole, prefix + BrokerClientRole, StringComparison.Ordinal), cancellationToken);
            }

            return provisioned;
        }
        catch (NpgsqlException failure)
        {
            throw new LauncherException($"The databases could not be prepared: {failure.Message}", failure);
        }
    }

    /// <summary>Removes the databases and roles of this set, with everything in them.</summary>
    public async Task DropAsync(CancellationToken cancellationToken = default)
    {
        await using var connection = new NpgsqlConnection(_administrator);
        await connection.OpenAsync(cancellationToken);
        await ExecuteAsync(connection, $"SELECT pg_advisory_lock({LockKey})", cancellationToken);
        string[] databases = [.. s_serviceDatabases, BrokerDatabase];
        foreach (var database in databases)
            await ExecuteAsync(connection, $"DROP DATABASE IF EXISTS {Name(database)} WITH (FORCE)", cancellationToken);
        foreach (var role in databases.Append(BrokerClientRole))
            await ExecuteAsync(connection, $"DROP ROLE IF EXISTS {Name(role)}", cancellationToken);
    }

    private async Task CreateAsync(NpgsqlConnection connection, string broker, CancellationToken cancellationToken)
    {
        var roles = await NamesAsync(connection, "SELECT rolname FROM pg_roles", cancellationToken);
        var databases = await NamesAsync(connection, "SELECT datname FROM pg_database", cancellationToken);
        string[] owners = [BrokerDatabase, .. s_serviceDatabases];

        var script = new StringBuilder();
        if (!roles.Contains(prefix + BrokerClientRole))
            script.AppendLine($"CREATE ROLE {Name(BrokerClientRole)} NOLOGIN NOCREATEDB NOCREATEROLE;");
        foreach (var role in owners)
        {
            var verb = roles.Contains(prefix + role) ? "ALTER" : "CREATE";
            script.AppendLine($"{verb} ROLE {Name(role)} LOGIN NOCREATEDB NOCREATEROLE PASSWORD '{secrets.PasswordOf(prefix + role)}';");
        }

        foreach (var role in s_serviceDatabases)
            script.AppendLine($"GRANT {Name(BrokerClientRole)} TO {Name(role)};");
        await ExecuteAsync(connection, script.ToString(), cancellationToken);

        foreach (var database in owners.Where(database => !databases.Contains(prefix + database)))
        {
            // An administrator who is no superuser may give a database only to a role it belongs to.
            await ExecuteAsync(
                connection,
                $"""
                DO $$ BEGIN
                    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
                        GRANT {Name(database)} TO CURRENT_USER;
                    END IF;
                END $$
                """,
                cancellationToken);
            await ExecuteAsync(
                connection,
                $"CREATE DATABASE {Name(database)} OWNER {Name(database)} TEMPLATE template0 ENCODING 'UTF8'",
                cancellationToken);
            // Said where the data are, so that it goes and comes with them.
            if (database == BrokerDatabase)
                await ExecuteAsync(connection, $"COMMENT ON DATABASE {Name(database)} IS '{broker}'", cancellationToken);
        }

        script.Clear();
        foreach (var database in owners)
            script.AppendLine($"REVOKE CONNECT, TEMPORARY ON DATABASE {Name(database)} FROM PUBLIC;");
        script.AppendLine($"GRANT CONNECT ON DATABASE {Name(BrokerDatabase)} TO {Name(BrokerClientRole)};");
        await ExecuteAsync(connection, script.ToString(), cancellationToken);
    }

    private string Name(string name) => $"\"{prefix}{name}\"";

    private static async Task<HashSet<string>> NamesAsync(NpgsqlConnection connection, string query, CancellationToken cancellationToken)
    {
        var names = new HashSet<string>();
        await using var command = new NpgsqlCommand(query, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            names.Add(reader.GetString(0));
        return names;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string statements, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(statements, connection) { CommandTimeout = 120 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
