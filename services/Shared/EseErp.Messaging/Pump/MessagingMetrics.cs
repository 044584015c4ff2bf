using System.Diagnostics.Metrics;

namespace EseErp.Messaging;

/// <summary>What the relay and the pump count, on the meter <c>EseErp.Messaging</c>.</summary>
public sealed class MessagingMetrics : IDisposable
{
    private readonly Meter _meter = new("EseErp.Messaging");

    public MessagingMetrics()
    {
        Published = _meter.CreateCounter<long>("ese_relay_published", "events", "Events published to the broker.");
        Applied = _meter.CreateCounter<long>("ese_pump_applied", "events", "Events applied, each counted once.");
        Redelivered = _meter.CreateCounter<long>("ese_pump_redelivered", "events", "Events that came again and were stopped by the inbox.");
        Failed = _meter.CreateCounter<long>("ese_pump_failed_attempts", "attempts", "Attempts to apply a batch or an event that failed.");
        Dead = _meter.CreateCounter<long>("ese_pump_dead_letters", "events", "Records set aside as dead letters, without those behind them.");
        BatchSize = _meter.CreateHistogram<int>("ese_pump_batch_size", "events", "Events per committed batch.");
        BatchDuration = _meter.CreateHistogram<double>("ese_pump_batch_duration", "s", "Time from taking a batch to its commit.");
        _meter.CreateObservableGauge(
            "ese_group_paused", () => GroupPaused is { } paused ? [new Measurement<int>(paused() ? 1 : 0)] : Array.Empty<Measurement<int>>(), null,
            "1 while the consumer group stands still because whatever comes fails; 0 while it goes on.");
        _meter.CreateObservableGauge(
            "ese_outbox_age", () => OutboxAge is { } age ? [new Measurement<double>(age())] : Array.Empty<Measurement<double>>(), "s",
            "Age of the oldest event not yet acknowledged by the broker. Only the replica that publishes has it.");
    }

    public Counter<long> Published { get; }

    public Counter<long> Applied { get; }

    public Counter<long> Redelivered { get; }

    public Counter<long> Failed { get; }

    public Counter<long> Dead { get; }

    public Histogram<int> BatchSize { get; }

    public Histogram<double> BatchDuration { get; }

    /// <summary>Tells seconds; set while this replica leads the relay.</summary>
    public Func<double>? OutboxAge { get; set; }

    /// <summary>Set by a service that consumes.</summary>
    public Func<bool>? GroupPaused { get; set; }

    public void Dispose() => _meter.Dispose();
}
