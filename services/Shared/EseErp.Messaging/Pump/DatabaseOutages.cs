using EseErp.EventStore;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace EseErp.Messaging;

/// <summary>Waits out a database that is down, which is nobody's failure.</summary>
internal sealed partial class DatabaseOutages(NpgsqlDataSource database, MessagingMetrics metrics, ILogger<DatabaseOutages> log)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(2);

    // A message may end each session that works on it.
    private const int MostWhileItAnswers = 5;

    /// <summary>
    /// Does the work, again and again while the database is down. What took too long has failed by itself if the database answers; so has what
    /// breaks its session again and again while it does. Who waited for somebody else's lock is told so at once.
    /// </summary>
    public async Task Wait(Func<Task> work, CancellationToken cancellationToken)
    {
        var broken = 0;
        for (var pause = FirstPause; ; pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks)))
        {
            try
            {
                await work();
                return;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                var isSlow = exception is TooSlowException;
                if (exception is KeyIsBusyException || Inbox.WaitedForLock(exception)) throw;
                if (!isSlow) metrics.Failed.Add(1);
                if (!isSlow && (!UnitOfWork.IsOutage(exception) || GroupTrouble.IsSystemic(exception))) throw;
                if (!await Answers(cancellationToken)) broken = 0;
                else if (isSlow || IsTimeout(exception) || ++broken >= MostWhileItAnswers) throw;
                LogOutage(exception.Message, pause.TotalSeconds);
                await Task.Delay(pause, cancellationToken);
            }
        }
    }

    private async Task<bool> Answers(CancellationToken cancellationToken)
    {
        try
        {
            await using var command = database.CreateCommand("select 1");
            await command.ExecuteNonQueryAsync(cancellationToken).WaitAsync(AnswerLimit, cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException or InvalidOperationException)
        {
            return false;
        }
    }

    private static bool IsTimeout(Exception exception) => exception switch
    {
        NpgsqlException { InnerException: TimeoutException } => true,
        { InnerException: { } inner } => IsTimeout(inner),
        _ => false,
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database is down ({Reason}); retrying in {Seconds} s")]
    private partial void LogOutage(string reason, double seconds);
}
