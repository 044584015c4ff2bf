using EseErp.EventStore;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EseErp.Messaging.Tests;

/// <summary>A service with nothing but an event store, on databases of the class's own.</summary>
public sealed class EventStoreFixture : IAsyncLifetime
{
    public TestDatabases Databases { get; } = new();

    public Team Team { get; private set; } = null!;

    public string Database => Databases.Database("ese_sales");

    public async Task InitializeAsync()
    {
        await Databases.InitializeAsync();
        Team = await Team.Start(Database);
    }

    public async Task DisposeAsync()
    {
        if (Team is not null) await Team.DisposeAsync();
        await Databases.DisposeAsync();
    }

    /// <summary>A stream no other test writes to.</summary>
    public static string NewStream() => $"RMA-{Guid.NewGuid():N}";

    public static NewEvent NewEvent(string stream, string type = "ese.parcels.parcel-sent.v1", string data = "{}") => new(
        stream, stream, Guid.NewGuid(), type, DateTimeOffset.UnixEpoch.AddDays(20_000), "correlation", "causation", Coordination.Event, "trace", data);

    /// <summary>Appends in a transaction of its own, committed only if there was no conflict.</summary>
    public async Task<AppendResult> Append(string stream, int? expectedVersion, params NewEvent[] events)
    {
        await using var scope = Team.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<DbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var result = await scope.ServiceProvider.GetRequiredService<EventStreams>().Append(stream, expectedVersion, events, CancellationToken.None);
        if (result == AppendResult.Appended) await transaction.CommitAsync();
        return result;
    }

    public async Task<IReadOnlyList<RecordedEvent>> ReadStream(string stream, int? version = null)
    {
        await using var scope = Team.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<EventStreams>().ReadStream(stream, version, CancellationToken.None);
    }

    /// <summary>Runs statements as the service would.</summary>
    public async Task Execute(string sql)
    {
        await using var scope = Team.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<DbContext>().Database.ExecuteSqlRawAsync(sql);
    }
}
