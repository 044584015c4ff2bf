using EseErp.ServiceDefaults;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace EseErp.EventStore;

/// <summary>Whether the service's own database answers.</summary>
internal sealed class DatabaseHealth(NpgsqlDataSource database) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Reachability.Check("The service's database", async token =>
        {
            await using var command = database.CreateCommand("select 1");
            await command.ExecuteNonQueryAsync(token);
        }, cancellationToken);
}
