using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EseErp.Messaging;

/// <summary>
/// Publishes dead letters to <c>&lt;topic&gt;.&lt;group&gt;.dlt</c>, where tools of the broker and other systems can see them. At
/// least once; the letter's id tells a repetition. The service's own table is what re-drives.
/// </summary>
internal sealed partial class DeadLetterPublisher(
    DeadLetters letters, IBroker broker, BrokerTopics topics, IOptions<MessagingOptions> options, TimeProvider clock, ILogger<DeadLetterPublisher> log)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private const int MostShortened = 10_000;

    /// <summary>The dead letter topic of a group.</summary>
    public static string TopicOf(string topic, string group) => $"{topic}.{group}.dlt";

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await topics.Ready.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await Publish(stoppingToken))
                {
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception.Message);
            }
        }
    }

    private async Task<bool> Publish(CancellationToken cancellationToken)
    {
        var unpublished = await letters.Unpublished(500, cancellationToken);
        foreach (var topic in unpublished.GroupBy(letter => letter.Topic))
        {
            await broker.Publish(
                TopicOf(topic.Key, options.Value.Group),
                topic.Select(letter => new OutgoingRecord(letter.Key, Message(letter))).ToList(),
                cancellationToken);
            await letters.MarkPublished(topic.Select(letter => letter.Id), cancellationToken);
        }

        return unpublished.Count > 0;
    }

    private byte[] Message(DeadLetter letter)
    {
        var message = DeadLetterMessage.Of(letter, options.Value.Group);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(message, JsonSerializerOptions.Web);
        if (bytes.Length <= BrokerLimits.MostValueBytes) return bytes;
        // Another system's record may be as large as a message can be, and base64 adds a third. The table has it all.
        return JsonSerializer.SerializeToUtf8Bytes(
            message with { Value = null, Error = Shortened(message.Error)!, Exception = Shortened(message.Exception) }, JsonSerializerOptions.Web);
    }

    private static string? Shortened(string? text) => text is { Length: > MostShortened } ? text[..MostShortened] : text;

    [LoggerMessage(Level = LogLevel.Warning, Message = "Publishing dead letters failed and will be retried: {Reason}")]
    private partial void LogFailed(string reason);

    /// <param name="Value">The original bytes, base64; null when they make the message larger than a broker takes.</param>
    private sealed record DeadLetterMessage(
        long Id, string Group, string Topic, int Partition, long Offset, string Key, string? Type, Guid? EventId, DeadLetterReason Reason,
        string Error, string? Exception, int Attempts, DateTimeOffset DeadAt, byte[]? Value)
    {
        public static DeadLetterMessage Of(DeadLetter letter, string group) => new(
            letter.Id, group, letter.Topic, letter.Partition, letter.Offset, letter.Key, letter.Type, letter.EventId, letter.Reason,
            letter.Error, letter.Exception, letter.Attempts, letter.DeadAt, letter.Value);
    }
}
