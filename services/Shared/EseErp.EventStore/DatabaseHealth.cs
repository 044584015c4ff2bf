using EseErp.ServiceDefaults;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace EseErp.EventStore;

/// <summary>Whether the service's own database answers and takes what is written.</summary>
internal sealed class DatabaseHealth(NpgsqlDataSource database) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Reachability.Check("The service's database", token => ServiceDatabase.TryWriting(database, token), cancellationToken);
}
