using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EseErp.EventStore;

/// <summary>Forgets idempotency keys after <see cref="IdempotencyKeys.Retention"/> by the database's time, an hourly portion at a time.</summary>
internal sealed partial class IdempotencyKeyPruning(NpgsqlDataSource database, TimeProvider clock, ILogger<IdempotencyKeyPruning> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            try
            {
                await Prune(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    // In portions, so that no delete holds its locks for long.
    private async Task Prune(CancellationToken cancellationToken)
    {
        int deleted;
        do
        {
            await using var command = database.CreateCommand(
                """
                delete from ese.idempotency_keys where (key, operation) in (
                    select key, operation from ese.idempotency_keys where created_at < now() - @retention limit 1000)
                """);
            command.Parameters.AddWithValue("retention", IdempotencyKeys.Retention);
            deleted = await command.ExecuteNonQueryAsync(cancellationToken);
        }
        while (deleted > 0);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Pruning idempotency keys failed and will be retried in an hour: {Reason}")]
    private partial void LogFailed(string reason);
}
