using EseErp.EventStore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EseErp.Messaging;

/// <summary>
/// Drives the re-drives of many letters that were asked for, in this replica or in one that is gone; and, by itself, letters that wait for
/// nothing any more: those of a version that this build knows, and those behind a letter that somebody closed without continuing.
/// </summary>
internal sealed partial class RedriveDriver(
    RedriveRuns runs, DeadLetters letters, DeadLetterRedrive redrive, Subscriptions subscriptions, ConsumerDispatch dispatch, BrokerTopics topics,
    ILogger<RedriveDriver> log) : BackgroundService
{
    // What another replica leaves is found then. What is asked of this one, at once.
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(5);

    private readonly Guid _driver = Guid.NewGuid();
    private readonly SemaphoreSlim _asked = new(0);

    /// <summary>A run was asked for.</summary>
    public void Wake() => _asked.Release();

    public override void Dispose()
    {
        _asked.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await topics.Ready.WaitAsync(stoppingToken);
        while (true)
        {
            try
            {
                // Also later than at the start: a replica of the build before may still set some aside.
                await ReleaseFree(stoppingToken);
                while (await runs.Claim(_driver, stoppingToken) is { } run) await Drive(run, stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogPutOff(exception.Message);
            }

            await _asked.WaitAsync(LookInterval, stoppingToken);
        }
    }

    private async Task Drive(RedriveRun run, CancellationToken cancellationToken)
    {
        LogDriving(run.Id, run.Letters);
        try
        {
            // Another replica may have driven it up to here.
            var failed = (await runs.Failed(run.Id, cancellationToken)).Select(KeyOf).ToHashSet();
            var after = 0L;
            while (await runs.Next(run, after, cancellationToken) is { Count: > 0 } page)
                foreach (var place in page)
                {
                    after = place.Id;
                    if (failed.Contains(KeyOf(place))) continue;
                    if (!await runs.Renew(run.Id, _driver, cancellationToken)) return;
                    // It may have gone with its key meanwhile.
                    if (await letters.Find(place.Id, cancellationToken) is not { RedrivenAt: null, DiscardedAt: null } letter) continue;
                    var (_, failure) = await redrive.Redrive(letter, run.Id, () => runs.Renew(run.Id, _driver, cancellationToken), cancellationToken);
                    if (failure is null) continue;
                    await runs.Fail(run.Id, _driver, failure, cancellationToken);
                    failed.Add(KeyOf((failure.Id, failure.Topic, failure.Key)));
                }

            if (!await runs.Renew(run.Id, _driver, cancellationToken)) return;
            await runs.Finish(run.Id, cancellationToken);
            LogFinished(run.Id);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await runs.Leave(run.Id, _driver, CancellationToken.None);
            throw;
        }
    }

    // A letter without a key holds up none but itself.
    private static (string Topic, string Key, long Id) KeyOf((long Id, string Topic, string Key) letter) =>
        (letter.Topic, letter.Key, letter.Key.Length == 0 ? letter.Id : 0);

    private async Task ReleaseFree(CancellationToken cancellationToken)
    {
        foreach (var topic in subscriptions.Topics.Keys)
        {
            var known = dispatch.Subscribed(topic);
            foreach (var letter in await letters.Free(topic, known, LookInterval, cancellationToken))
            {
                LogReleased(letter.Id, letter.Type, letter.Topic, letter.Key);
                // What fails by nobody's fault would fail with the others as well.
                if (await redrive.Release(letter, known, cancellationToken) is { } failure && await letters.IsStillFree(failure.Id, cancellationToken)) break;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Re-drive {Id} of {Letters} dead letters is running")]
    private partial void LogDriving(long id, long letters);

    [LoggerMessage(Level = LogLevel.Information, Message = "Re-drive {Id} has ended")]
    private partial void LogFinished(long id);

    [LoggerMessage(Level = LogLevel.Information, Message = "Dead letter {Id}, {Type} of {Topic}, key {Key}, no longer waits for another letter and is re-driven")]
    private partial void LogReleased(long id, string? type, string topic, string key);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Re-driving is postponed: {Reason}")]
    private partial void LogPutOff(string reason);
}
