using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EseErp.Messaging;

/// <summary>
/// Hourly, first the broker drops what has outlived its retention, then the inbox forgets what the broker cannot deliver any
/// more, and so do the dead letters and the early facts. Asking the broker is the guard: whatever it was told to keep, and however long nobody was
/// there to drop anything, an event that a replay could bring again is still known.
/// </summary>
internal sealed partial class Retention(
    IBroker broker, BrokerTopics topics, Inbox inbox, Leftovers leftovers, Subscriptions subscriptions, IOptions<MessagingOptions> options, TimeProvider clock,
    ILogger<Retention> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    // By how much the broker's clock and the database's may differ.
    private static readonly TimeSpan ClockDifference = TimeSpan.FromHours(1);

    /// <summary>Lets go of what is due. Any number of replicas may run it; they take turns.</summary>
    public async Task Apply(CancellationToken cancellationToken)
    {
        await broker.ApplyRetention(cancellationToken);
        // By the time of the database that notes arrivals, and of none of the services.
        var now = await inbox.Now(cancellationToken);
        if (!await LetGo(now - options.Value.InboxRetention, Inbox.NoteInterval, PruneInbox, cancellationToken)) LogKept(options.Value.InboxRetention);
        await LetGo(now - options.Value.LetterRetention, TimeSpan.Zero, PruneLetters, cancellationToken);
        await leftovers.PruneRedrives(now - options.Value.LetterRetention, cancellationToken);
        await LetGo(now - options.Value.EarlyFactRetention, TimeSpan.Zero, PruneEarlyFacts, cancellationToken);
    }

    // Every record was published before it arrived. So where the broker holds nothing as old as the arrivals that are to be forgotten, it holds
    // none of their records.
    private async Task<bool> LetGo(DateTimeOffset before, TimeSpan notedTooEarly, Func<DateTimeOffset, CancellationToken, Task> prune, CancellationToken cancellationToken)
    {
        if (await broker.HoldsRecordsBefore(before + notedTooEarly + ClockDifference, subscriptions.Topics.Keys.ToList(), cancellationToken)) return false;
        await prune(before, cancellationToken);
        return true;
    }

    private async Task PruneInbox(DateTimeOffset before, CancellationToken cancellationToken)
    {
        var days = await inbox.Prune(before, cancellationToken);
        if (days.Count > 0) LogPruned(days.Count);
    }

    private async Task PruneLetters(DateTimeOffset before, CancellationToken cancellationToken)
    {
        if (await leftovers.PruneLetters(before, cancellationToken) is var letters and > 0) LogLetters(letters);
    }

    private async Task PruneEarlyFacts(DateTimeOffset before, CancellationToken cancellationToken)
    {
        if (await leftovers.PruneEarlyFacts(before, cancellationToken) is var facts and > 0) LogFacts(facts);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await topics.Ready.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            try
            {
                await Apply(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogPutOff(exception.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The inbox has dropped {Days} days, which the broker can no longer deliver")]
    private partial void LogPruned(int days);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Letters} dead letters that were closed long ago are deleted")]
    private partial void LogLetters(int letters);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Facts} early facts are deleted: their request never came and can no longer come")]
    private partial void LogFacts(int facts);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The broker holds records older than the inbox retention of {Retention}; the inbox is kept until they are gone")]
    private partial void LogKept(TimeSpan retention);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Cleaning up old records failed and will be retried in an hour: {Reason}")]
    private partial void LogPutOff(string reason);
}
