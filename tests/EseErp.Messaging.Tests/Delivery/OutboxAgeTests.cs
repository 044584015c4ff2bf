using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace EseErp.Messaging.Tests;

/// <summary><c>ese_outbox_age</c> tells how long the oldest event has been waiting for the broker's acknowledgement, whatever it waits for.</summary>
public sealed class OutboxAgeTests(TestDatabases databases) : DeliverySpec(databases)
{
    [Fact]
    public async Task Should_grow_while_an_event_hides_behind_an_open_append_and_be_zero_when_all_is_acknowledged()
    {
        var team = await StartTeam(Messaging with { Consumes = false });
        using var age = new OutboxAge(team);
        await Eventually.Within(Limit, () => Task.FromResult(age.Now()), seconds => seconds == 0, "nothing to wait");
        await using var late = await DelayedAppend.Begin(Database, "ese.parcels.parcel-received.v1");
        await team.Send(new ParcelSent("RMA-1", 1));

        await ShouldGrow(age);
        (await End()).ShouldBe(0);

        await late.Commit();
        await Eventually.Within(Limit, () => Task.FromResult(age.Now()), seconds => seconds == 0, "all to be acknowledged");
        (await End()).ShouldBe(2);
    }

    [Fact]
    public async Task Should_grow_while_the_broker_is_away_and_be_zero_when_all_is_acknowledged()
    {
        var team = await StartTeam(Messaging with { Consumes = false });
        using var age = new OutboxAge(team);
        await team.Send(new ParcelSent("RMA-1", 1));
        await Eventually.Within(Limit, async () => await End() == 1 && age.Now() == 0, "the first to be acknowledged");

        await Databases.Server.Execute($"alter database \"{Databases.BrokerDatabase}\" allow_connections false");
        try
        {
            await Databases.Server.EndSessions($"datname = '{Databases.BrokerDatabase}'");
            await team.Send(new ParcelSent("RMA-1", 2));
            await ShouldGrow(age);
            // Beyond the time after which it would leave publishing to another replica, if there were one.
            await Eventually.Within(Limit, () => Task.FromResult(age.Now()), seconds => seconds > 8, "it to grow on");
        }
        finally
        {
            await Databases.Server.Execute($"alter database \"{Databases.BrokerDatabase}\" allow_connections true");
        }

        await Eventually.Within(Limit, () => Task.FromResult(age.Now()), seconds => seconds == 0, "all to be acknowledged");
        // Not one moment before.
        (await Databases.RecordsOf(Messaging.Topic)).ShouldBe(2);
    }

    [Fact]
    public async Task Should_be_told_by_the_replica_that_leads_and_by_no_other()
    {
        var one = await StartTeam(Messaging with { Consumes = false });
        using var first = new OutboxAge(one);
        await Eventually.Within(Limit, () => Task.FromResult(first.Now()), seconds => seconds == 0, "the first to lead");
        var two = await StartTeam(Messaging with { Consumes = false });
        using var second = new OutboxAge(two);
        await two.Send(Parcels("RMA-1", 0, 5));
        await Eventually.Within(Limit, End, end => end == 5, "the events of the second");

        second.Now().ShouldBeNull();
        await Eventually.Within(Limit, () => Task.FromResult(first.Now()), seconds => seconds == 0, "all to be acknowledged");

        await one.DisposeAsync();
        await Eventually.Within(Limit, () => Task.FromResult(second.Now()), seconds => seconds == 0, "the second to lead");
    }

    private static async Task ShouldGrow(OutboxAge age)
    {
        var first = await Eventually.Within(Limit, () => Task.FromResult(age.Now()), seconds => seconds > 0.5, "it to grow");
        await Eventually.Within(Limit, () => Task.FromResult(age.Now()), seconds => seconds > first + 1, "it to grow on");
    }

    /// <summary>What one service of this process tells.</summary>
    private sealed class OutboxAge : IDisposable
    {
        private readonly MeterListener _listener = new();
        private double? _last;

        public OutboxAge(Team team)
        {
            var meter = team.Services.GetRequiredService<MessagingMetrics>().Published.Meter;
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (ReferenceEquals(instrument.Meter, meter) && instrument.Name == "ese_outbox_age") listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<double>((_, value, _, _) => _last = value);
            _listener.Start();
        }

        /// <summary>Null when it tells nothing.</summary>
        public double? Now()
        {
            _last = null;
            _listener.RecordObservableInstruments();
            return _last;
        }

        public void Dispose() => _listener.Dispose();
    }
}
