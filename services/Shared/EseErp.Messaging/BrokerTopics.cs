using EseErp.ServiceDefaults;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EseErp.Messaging;

/// <summary>
/// Creates the topics a service publishes to or reads before anything else touches the broker, and waits for a broker that
/// is not up yet. Never by accident on first write.
/// </summary>
internal sealed partial class BrokerTopics(
    IBroker broker, Subscriptions subscriptions, IOptions<MessagingOptions> options, ILogger<BrokerTopics> log) : BackgroundService, IHealthCheck
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when all topics exist.</summary>
    public Task Ready => _ready.Task;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!Ready.IsCompletedSuccessfully) return HealthCheckResult.Unhealthy("The broker's topics are not ready.");
        return await Reachability.Check("The broker", broker.Ping, cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var topics = subscriptions.Topics.Keys.Append(options.Value.Topic).Concat(subscriptions.Elsewhere.Values)
            .Concat(subscriptions.Topics.Keys.Select(topic => DeadLetterPublisher.TopicOf(topic, options.Value.Group))).OfType<string>().Distinct().ToList();
        while (true)
        {
            try
            {
                await broker.CreateTopics(topics, options.Value.Partitions, stoppingToken);
                _ready.TrySetResult();
                return;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogWaiting(exception.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), stoppingToken);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Waiting for the broker: {Reason}")]
    private partial void LogWaiting(string reason);
}
