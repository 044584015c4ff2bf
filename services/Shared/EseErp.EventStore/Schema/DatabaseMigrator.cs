using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EseErp.EventStore;

/// <summary>Libraries whose embedded scripts a service's database needs.</summary>
public sealed record SchemaLibrary(Assembly Assembly);

/// <summary>
/// Brings the service's database up to date before the service listens. Replicas that start together queue on an advisory
/// lock; a database that is not up yet is waited for.
/// </summary>
internal sealed partial class DatabaseMigrator(
    IServiceProvider services, NpgsqlDataSource database, IEnumerable<SchemaLibrary> libraries, ILogger<DatabaseMigrator> log) : IHostedService
{
    private const long StartUpLock = 0x45534530; // "ESE0"

    // Asking costs little, and the service serves nobody until the answer: a longer pause would sleep through a short recovery.
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        for (var delay = TimeSpan.FromMilliseconds(100); ; delay = TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, LongestPause.Ticks)))
        {
            try
            {
                await Migrate(cancellationToken);
                return;
            }
            catch (Exception exception) when (UnitOfWork.IsOutage(exception) && !cancellationToken.IsCancellationRequested)
            {
                LogWaiting(exception.Message);
                await Task.Delay(delay, cancellationToken);
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task Migrate(CancellationToken cancellationToken)
    {
        await OwnSessions.Require(database, "ConnectionStrings:Database", cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using (var command = new NpgsqlCommand($"select pg_advisory_lock({StartUpLock})", connection))
                await command.ExecuteNonQueryAsync(cancellationToken);
            foreach (var library in libraries) await SchemaScripts.Apply(connection, library.Assembly, cancellationToken);
            await using var scope = services.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<DbContext>();
            var applied = await AppliedMigrations(connection, cancellationToken);
            var pending = db.Database.GetMigrations().Count(migration => !applied.Contains(migration));
            if (pending == 0) return;
            LogMigrating(pending);
            await db.Database.MigrateAsync(cancellationToken);
        }
        finally
        {
            await ServiceDatabase.GiveBack(database, connection);
        }
    }

    // EF Core asks for its history table before it exists and logs that as an error.
    private static async Task<HashSet<string>> AppliedMigrations(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        const string history = "\"__EFMigrationsHistory\"";
        await using (var exists = new NpgsqlCommand($"select to_regclass('{history}') is not null", connection))
        {
            if (!(bool)(await exists.ExecuteScalarAsync(cancellationToken))!)
            {
                await using var create = new NpgsqlCommand(
                    $"create table {history} (\"MigrationId\" varchar(150) primary key, \"ProductVersion\" varchar(32) not null)", connection);
                await create.ExecuteNonQueryAsync(cancellationToken);
                return [];
            }
        }

        var applied = new HashSet<string>();
        await using var select = new NpgsqlCommand($"select \"MigrationId\" from {history}", connection);
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) applied.Add(reader.GetString(0));
        return applied;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Waiting for the database: {Reason}")]
    private partial void LogWaiting(string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Applying {Count} database migrations")]
    private partial void LogMigrating(int count);
}
