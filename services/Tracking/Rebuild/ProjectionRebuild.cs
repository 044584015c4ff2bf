using EseErp.EventStore;
using EseErp.Messaging;
using EseErp.Tracking.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace EseErp.Tracking.Rebuild;

/// <summary>
/// Throws the projection away and builds it again from the broker's log when asked to. Every step is safe to repeat and its
/// result is stored, so that it continues after a kill at any moment, in this replica or another:
/// <list type="number">
/// <item>Requested: every replica sees it, drains its pump and leaves the group.</item>
/// <item>One replica, holding a lock, empties the projection and the inbox and sends the group back to the beginning, in one transaction. Where the
/// broker has dropped records since it was asked for, and nobody has accepted that, the old projection stays and is live again.</item>
/// <item>It waits until the last replica has left, and notes the ends of the log. A broker that does not say all of them is asked again.</item>
/// <item>Replaying: all replicas join again and apply the log. Live once they reach the end it had then.</item>
/// </list>
/// From the second step until it is live, reads are refused (<see cref="WholeProjection"/>).
/// </summary>
internal sealed partial class ProjectionRebuild(
    IServiceScopeFactory scopes, NpgsqlDataSource database, IBroker broker, GroupOffsets offsets, PumpControl pump, ProjectionBuild build,
    IOptions<MessagingOptions> messaging, TimeProvider clock, ILogger<ProjectionRebuild> log) : BackgroundService
{
    private const long RebuildLock = 0x45534552; // "ESER"
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(250);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // The pump starts after this, and must not consume before the first look: a rebuild may be pending.
        await pump.Pause(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await Look(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogInterrupted(exception.Message);
                await Task.Delay(LookInterval, stoppingToken);
            }

            await Task.Delay(LookInterval, stoppingToken);
        }
    }

    private async Task Look(CancellationToken cancellationToken)
    {
        var projection = await Read(cancellationToken);
        if (!projection.MayConsume)
        {
            await pump.Pause(cancellationToken);
            await TryRebuild(cancellationToken);
            return;
        }

        // Another replica may have rebuilt it between two looks.
        if (projection.Build != build.Joined) await pump.Pause(cancellationToken);
        build.Joined = projection.Build;
        pump.Resume();
        if (projection.Stage == ProjectionStage.Replaying && await HasReached(projection.Until, cancellationToken))
            await Finish(projection.Build, cancellationToken);
    }

    private async Task TryRebuild(CancellationToken cancellationToken)
    {
        await using var session = await database.OpenConnectionAsync(cancellationToken);
        try
        {
            if (!await TryLock(session, cancellationToken)) return;
            // What it was may have changed before the lock was got.
            if (await Read(cancellationToken) is { Stage: ProjectionStage.Requested } requested && await MayEmpty(requested, cancellationToken)) await Empty(cancellationToken);
            if ((await Read(cancellationToken)).Stage == ProjectionStage.Emptied) await SendBack(cancellationToken);
        }
        finally
        {
            await ServiceDatabase.GiveBack(database, session);
        }
    }

    /// <summary>Whether all comes again, or nobody minds. Looked at again, as the request may be days old.</summary>
    private async Task<bool> MayEmpty(Projection requested, CancellationToken cancellationToken)
    {
        if (requested.Until.AcceptLoss || await broker.Dropped(TrackingModule.Heard, cancellationToken) is not { Count: > 0 } dropped) return true;
        // As it was when it was asked for, which may have been in the middle of another rebuild.
        await Change(ProjectionStage.Requested, projection => projection.Stage = projection.IsWhole ? ProjectionStage.Live : ProjectionStage.Replaying, cancellationToken);
        LogGivenUp(BrokerReach.Say(dropped));
        return false;
    }

    private async Task Empty(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TrackingDb>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        // The dead letters and the inbox first: that waits for batches under way, and those that come after it see the new build and are refused.
        await PumpControl.ForgetApplied(db, cancellationToken);
        await db.Database.ExecuteSqlAsync($"truncate returns, timeline, delivered_units", cancellationToken);
        var projection = await Projections.Lock(db, cancellationToken);
        (projection.Build, projection.Stage, projection.StartedAt, projection.FinishedAt) = (projection.Build + 1, ProjectionStage.Emptied, clock.GetUtcNow(), null);
        await scope.ServiceProvider.GetRequiredService<UnitOfWork>().Commit(cancellationToken);
        LogEmptied(projection.Build);
    }

    private async Task SendBack(CancellationToken cancellationToken)
    {
        // The other replicas are about to see the request, and leave.
        if (await broker.HasMembers(messaging.Value.Group, cancellationToken)) return;
        // All of them, as they are now: without one that is not known the build would be taken for whole while it is not.
        var ends = (await broker.EndsNow(TrackingModule.Heard, cancellationToken)).Select(end => new PartitionEnd(end.Topic, end.Partition, end.Next)).ToList();
        await Change(ProjectionStage.Emptied, projection => (projection.Stage, projection.Until) = (ProjectionStage.Replaying, new LogEnds(ends)), cancellationToken);
    }

    private async Task<bool> HasReached(LogEnds until, CancellationToken cancellationToken)
    {
        // From the database: what this process knew before the rebuild does not count.
        var reached = await offsets.Read(TrackingModule.Heard, cancellationToken);
        return until.Partitions.All(end => reached.GetValueOrDefault((end.Topic, end.Partition)) >= end.End);
    }

    private async Task Finish(int finished, CancellationToken cancellationToken)
    {
        await Change(ProjectionStage.Replaying, projection =>
        {
            if (projection.Build == finished) (projection.Stage, projection.FinishedAt, projection.Until) = (ProjectionStage.Live, clock.GetUtcNow(), LogEnds.None);
        }, cancellationToken);
        LogFinished(finished);
    }

    private async Task Change(ProjectionStage from, Action<Projection> change, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TrackingDb>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var projection = await Projections.Lock(db, cancellationToken);
        if (projection.Stage != from) return;
        change(projection);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task<Projection> Read(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await Projections.Read(scope.ServiceProvider.GetRequiredService<TrackingDb>(), cancellationToken);
    }

    private static async Task<bool> TryLock(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"select pg_try_advisory_lock({RebuildLock})", session);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The projection is not rebuilt: the broker has dropped {Dropped} since the request. Nothing was changed")]
    private partial void LogGivenUp(string dropped);

    [LoggerMessage(Level = LogLevel.Information, Message = "The projection is empty; build {Build} starts")]
    private partial void LogEmptied(int build);

    [LoggerMessage(Level = LogLevel.Information, Message = "Build {Build} of the projection has caught up")]
    private partial void LogFinished(int build);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The rebuild of the projection is interrupted and will continue: {Reason}")]
    private partial void LogInterrupted(string reason);
}
