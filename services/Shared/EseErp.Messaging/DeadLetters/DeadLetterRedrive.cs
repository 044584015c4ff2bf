using EseErp.EventStore;
using Microsoft.Extensions.Logging;

namespace EseErp.Messaging;

/// <summary>What came of a re-drive.</summary>
/// <param name="Redriven">Letters applied, or found to be applied before.</param>
/// <param name="Failed">Keys that are stuck at a letter which failed again; what is behind it still waits.</param>
public sealed record RedriveResult(int Redriven, IReadOnlyList<RedriveFailure> Failed);

/// <summary>A letter that failed again.</summary>
public sealed record RedriveFailure(long Id, string Topic, string Key, string Error);

/// <summary>
/// Applies dead letters again, key by key and in the order they came, each in a transaction of its own. A key ends at the
/// first letter that fails again. When its last letter is through, the key's new records are applied as they come.
/// </summary>
internal sealed partial class DeadLetterRedrive(DeadLetters letters, EventApplication application, ILogger<DeadLetterRedrive> log)
{
    private const int PageSize = 500;

    /// <summary>Re-drives every key that has a letter matching the filter, from the key's first waiting letter on.</summary>
    public async Task<RedriveResult> Redrive(DeadLetterFilter filter, CancellationToken cancellationToken)
    {
        var keys = new HashSet<(string Topic, string Key)>();
        var redriven = 0;
        var failed = new List<RedriveFailure>();
        while (true)
        {
            var page = await letters.List(filter, PageSize, cancellationToken);
            foreach (var letter in page.Where(letter => keys.Add((letter.Topic, letter.Key))))
            {
                var (count, failure) = await RedriveKey(letter.Topic, letter.Key, cancellationToken);
                redriven += count;
                if (failure is not null) failed.Add(failure);
            }

            if (page.Count < PageSize) return new RedriveResult(redriven, failed);
            filter = filter with { After = page[^1].Id };
        }
    }

    /// <summary>Re-drives a key's waiting letters, those included that come in meanwhile.</summary>
    public async Task<(int Redriven, RedriveFailure? Failure)> RedriveKey(string topic, string key, CancellationToken cancellationToken)
    {
        var redriven = 0;
        while (await letters.Waiting(topic, key, PageSize, cancellationToken) is { Count: > 0 } waiting)
            foreach (var letter in waiting)
            {
                if (await Try(letter, cancellationToken) is { } failure) return (redriven, failure);
                redriven++;
            }

        return (redriven, null);
    }

    private async Task<RedriveFailure?> Try(DeadLetter letter, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (await application.Redrive(letter, cancellationToken)) LogRedriven(letter.Id, letter.Topic, letter.Key);
                return null;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                if (UnitOfWork.IsLostRace(exception) && attempt < 5) continue;
                LogFailed(letter.Id, letter.Topic, letter.Key, exception);
                if (!UnitOfWork.IsOutage(exception)) await letters.NoteFailure(letter.Id, exception, cancellationToken);
                return new RedriveFailure(letter.Id, letter.Topic, letter.Key, exception.Message);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Dead letter {Id} of {Topic}, key {Key}, re-driven")]
    private partial void LogRedriven(long id, string topic, string key);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Dead letter {Id} of {Topic}, key {Key}, failed again")]
    private partial void LogFailed(long id, string topic, string key, Exception exception);
}
