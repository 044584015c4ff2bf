using EseErp.EventStore;
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
                await RequireLanes(stoppingToken);
                _ready.TrySetResult();
                return;
            }
            catch (Exception exception) when (exception is not (UnequalTopicsException or SharedSessionsException) && !stoppingToken.IsCancellationRequested)
            {
                LogWaiting(exception.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), stoppingToken);
            }
        }
    }

    private async Task RequireLanes(CancellationToken cancellationToken)
    {
        var partitions = await broker.Partitions([.. subscriptions.Topics.Keys], cancellationToken);
        if (partitions.Values.Distinct().Count() > 1) throw new UnequalTopicsException(options.Value.Group, partitions);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Waiting for the broker: {Reason}")]
    private partial void LogWaiting(string reason);
}

/// <summary>
/// The topics of a group have different numbers of partitions. One return would then be in different lanes and worked on twice at once. This ends
/// the service.
/// </summary>
internal sealed class UnequalTopicsException(string group, IReadOnlyDictionary<string, int> partitions) : Exception(
    $"The topics that group {group} listens to must have the same number of partitions, so that whatever concerns one return is in one lane. They have: "
    + $"{string.Join(", ", partitions.OrderBy(topic => topic.Key, StringComparer.Ordinal).Select(topic => $"{topic.Key} {topic.Value}"))}. "
    + "Move the records of the odd ones to topics with as many partitions as the others have.");
