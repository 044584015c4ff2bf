using EseErp.EventStore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace EseErp.Messaging;

/// <summary>
/// Publishes the service's event log to its topic, in order; events that are sent elsewhere go to their topic, in order too.
/// One replica at a time, elected by an advisory lock on the session that also stores the position: who loses the session can
/// no longer move it. The position moves only after the broker has acknowledged, for all topics, so a crash in between
/// publishes again and never skips.
/// </summary>
internal sealed partial class Relay(
    NpgsqlDataSource database, EventLog eventLog, EventLogSignal signal, IBroker broker, BrokerTopics topics,
    Subscriptions subscriptions, EventTypes types, IOptions<MessagingOptions> options, MessagingMetrics metrics, TimeProvider clock, ILogger<Relay> log) : BackgroundService
{
    internal const long LeaderLock = 0x4553454C; // "ESEL"
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<string, string> _elsewhere = subscriptions.Elsewhere
        .SelectMany(sent => types.NamesOf(sent.Key).Select(name => (name, sent.Value)))
        .ToDictionary(sent => sent.name, sent => sent.Value);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await topics.Ready.WaitAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var session = await database.OpenConnectionAsync(stoppingToken);
                try
                {
                    if (await TryLead(session, stoppingToken)) await Lead(session, stoppingToken);
                }
                finally
                {
                    await ServiceDatabase.GiveBack(database, session);
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogInterrupted(exception.Message);
            }

            await Task.Delay(TimeSpan.FromSeconds(1), stoppingToken);
        }
    }

    private static async Task<bool> TryLead(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"select pg_try_advisory_lock({LeaderLock})", session);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task Lead(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        var (topic, source) = (options.Value.Topic!, options.Value.Source);
        LogLeading(topic);
        var position = await ReadPosition(session, topic, cancellationToken);
        var (wait, signalled, more) = (ShortestWait, true, false);
        while (true)
        {
            var appended = signal.Next();
            var events = await eventLog.Read(position, options.Value.RelayBatchSize, null, cancellationToken);
            if (events.Count > 0)
            {
                metrics.OutboxAge = (clock.GetUtcNow() - events[0].Time).TotalSeconds;
                foreach (var due in events.GroupBy(e => _elsewhere.GetValueOrDefault(e.Type, topic)))
                    await broker.Publish(due.Key, due.Select(e => new OutgoingRecord(e.Subject, CloudEvent.Write(e, source))).ToList(), cancellationToken);
                position = events[^1].Position;
                // Not cancelled: what was acknowledged is noted even when the service is stopping, or it would be published again.
                await StorePosition(session, topic, position);
                metrics.Published.Add(events.Count);
            }

            if (events.Count == options.Value.RelayBatchSize) continue;
            metrics.OutboxAge = 0;
            // The end of the transaction that hides an event gives no signal: look again soon, then ever less.
            if (signalled || more || events.Count > 0) more = await eventLog.HasMore(position, cancellationToken);
            await EventLogSignal.Wait(appended, more ? wait : LongestWait, cancellationToken);
            signalled = appended.IsCompleted;
            wait = more && !signalled ? TimeSpan.FromTicks(Math.Min(wait.Ticks * 2, LongestWait.Ticks)) : ShortestWait;
        }
    }

    private static async Task<EventPosition> ReadPosition(NpgsqlConnection session, string topic, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("select xid, position from ese.relay_position where topic = @topic", session);
        command.Parameters.AddWithValue("topic", topic);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? new EventPosition(reader.GetFieldValue<ulong>(0), reader.GetInt64(1)) : EventPosition.Start;
    }

    private static async Task StorePosition(NpgsqlConnection session, string topic, EventPosition position)
    {
        await using var command = new NpgsqlCommand(
            """
            insert into ese.relay_position (topic, xid, position, updated_at) values (@topic, @xid, @position, now())
            on conflict (topic) do update set xid = excluded.xid, position = excluded.position, updated_at = excluded.updated_at
            """, session) { CommandTimeout = 3 };
        command.Parameters.AddWithValue("topic", topic);
        command.Parameters.Add(new NpgsqlParameter("xid", NpgsqlDbType.Xid8) { Value = position.Xid });
        command.Parameters.AddWithValue("position", position.Position);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "This replica now publishes the event log to {Topic}")]
    private partial void LogLeading(string topic);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Publishing is interrupted and will start over: {Reason}")]
    private partial void LogInterrupted(string reason);
}
