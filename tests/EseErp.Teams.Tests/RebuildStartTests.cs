using System.Reflection;
using System.Runtime.ExceptionServices;
using EseErp.Contracts;
using EseErp.Messaging;
using EseErp.Teams.Tests.Running;
using EseErp.Tracking;
using EseErp.Tracking.Data;
using EseErp.Tracking.Rebuild;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EseErp.Teams.Tests;

/// <summary>A rebuild that goes on after a restart knows what it has to reach.</summary>
public sealed class RebuildStartTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Should_not_be_live_before_it_has_reached_ends_that_the_broker_does_not_say_at_first()
    {
        var broker = DispatchProxy.Create<IBroker, BusyBroker>();
        var busy = (BusyBroker)(object)broker;
        await using var tracking = await TeamInProcess.Start("tracking", builder =>
        {
            builder.AddTracking();
            var real = builder.Services.Last(service => service.ServiceType == typeof(IBroker));
            builder.Services.Remove(real);
            builder.Services.AddSingleton(provider =>
            {
                busy.Inner = (IBroker)real.ImplementationFactory!(provider);
                return broker;
            });
        });
        await tracking.Services.GetRequiredService<IBroker>().CreateTopics([.. Topics.All, Topics.CancellationAnswers, Topics.Tracking], 2, CancellationToken.None);
        await broker.Publish(Topics.Tracking, [new OutgoingRecord("RMA-2026-000001", [1])], CancellationToken.None);
        // As a killed process leaves it.
        await tracking.Work(async services =>
        {
            var projection = await services.GetRequiredService<TrackingDb>().Projections.SingleAsync();
            (projection.Stage, projection.Build, projection.FinishedAt) = (ProjectionStage.Emptied, 7, null);
        });
        var rebuild = tracking.Services.GetServices<IHostedService>().Single(service => service.GetType().Name == "ProjectionRebuild");
        await rebuild.StartAsync(CancellationToken.None);
        try
        {
            await Eventually.Within(Soon, () => Task.FromResult(busy.Asked), asked => asked >= 3, "it to ask again and again");
            (await Read(tracking)).Stage.ShouldBe(ProjectionStage.Emptied);

            busy.IsBusy = false;

            await Eventually.Within(Soon, () => Read(tracking), seen => seen.Stage == ProjectionStage.Replaying, "it to know the ends");
            var until = (await Read(tracking)).Until.Partitions;
            until.Count.ShouldBe(2 * (Topics.All.Count + 2));
            until.Sum(partition => partition.End).ShouldBe(1);
        }
        finally
        {
            await rebuild.StopAsync(CancellationToken.None);
        }
    }

    private static async Task<Projection> Read(TeamInProcess tracking)
    {
        await using var scope = tracking.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<TrackingDb>().Projections.AsNoTracking().SingleAsync();
    }

    /// <summary>Has said nothing yet of its partitions.</summary>
    public class BusyBroker : DispatchProxy
    {
        private int _asked;

        public IBroker Inner { get; set; } = null!;

        public bool IsBusy { get; set; } = true;

        public int Asked => Volatile.Read(ref _asked);

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            if (IsBusy && targetMethod!.Name is nameof(IBroker.Ends) or nameof(IBroker.EndsNow)) Interlocked.Increment(ref _asked);
            if (IsBusy && targetMethod!.Name == nameof(IBroker.Ends)) return Task.FromResult<IReadOnlyList<PartitionEnds>>([]);
            if (IsBusy && targetMethod!.Name == nameof(IBroker.EndsNow)) return Task.FromException<IReadOnlyList<PartitionEnds>>(new TimeoutException("The broker does not say."));
            try
            {
                return targetMethod!.Invoke(Inner, args);
            }
            catch (TargetInvocationException exception)
            {
                ExceptionDispatchInfo.Throw(exception.InnerException!);
                throw;
            }
        }
    }
}
