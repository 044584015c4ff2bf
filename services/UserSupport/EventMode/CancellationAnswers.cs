using EseErp.Contracts.UserSupport;
using EseErp.EventStore;
using EseErp.UserSupport.Data;
using Microsoft.EntityFrameworkCore;

namespace EseErp.UserSupport.EventMode;

/// <summary>
/// Looks for the answers that clients wait for: once for all of them, however many there are, and only while somebody waits. An answer may come in
/// by another replica.
/// </summary>
public sealed partial class CancellationAnswers(IServiceScopeFactory scopes, EventLogSignal signal, ILogger<CancellationAnswers> log)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Waiting> _waiting = [];
    private bool _looks;

    /// <summary>Waits until it is decided whether a return is called off, but not for longer than a limit.</summary>
    public async Task Wait(string returnId, TimeSpan atMost, TimeProvider clock, CancellationToken cancellationToken)
    {
        var waiting = Enter(returnId);
        try
        {
            await waiting.Answered.Task.WaitAsync(atMost, clock, cancellationToken);
        }
        catch (TimeoutException)
        {
        }
        finally
        {
            Leave(returnId, waiting);
        }
    }

    private Waiting Enter(string returnId)
    {
        lock (_lock)
        {
            if (!_waiting.TryGetValue(returnId, out var waiting)) _waiting[returnId] = waiting = new Waiting();
            waiting.Clients++;
            if (!_looks)
            {
                _looks = true;
                _ = Task.Run(LookForAnswers);
            }

            return waiting;
        }
    }

    private void Leave(string returnId, Waiting waiting)
    {
        lock (_lock)
        {
            if (--waiting.Clients == 0 && _waiting.TryGetValue(returnId, out var current) && current == waiting) _waiting.Remove(returnId);
        }
    }

    private async Task LookForAnswers()
    {
        while (true)
        {
            string[] asked;
            lock (_lock)
            {
                if (_waiting.Count == 0)
                {
                    _looks = false;
                    return;
                }

                asked = [.. _waiting.Keys];
            }

            var appended = signal.Next();
            try
            {
                Answer(await Decided(asked));
            }
            catch (Exception exception)
            {
                // Whoever waits is answered in time all the same.
                LogNotLookedUp(exception.Message);
            }

            await EventLogSignal.Wait(appended, Look, CancellationToken.None);
        }
    }

    private void Answer(IEnumerable<string> decided)
    {
        lock (_lock)
        {
            foreach (var returnId in decided)
                if (_waiting.Remove(returnId, out var waiting)) waiting.Answered.TrySetResult();
        }
    }

    private async Task<List<string>> Decided(string[] asked)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<UserSupportDb>().Returns
            .Where(known => asked.Contains(known.ReturnId) && (known.Status == ReturnStatus.Cancelled || known.Status == ReturnStatus.Requested))
            .Select(known => known.ReturnId).ToListAsync();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Reading the answers to cancellations failed and will be retried: {Reason}")]
    private partial void LogNotLookedUp(string reason);

    private sealed class Waiting
    {
        public TaskCompletionSource Answered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Clients { get; set; }
    }
}
