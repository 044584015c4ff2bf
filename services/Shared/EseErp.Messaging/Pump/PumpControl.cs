using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.Options;

namespace EseErp.Messaging;

/// <summary>
/// Stops and restarts this process's pump, for work that no consumer may run beside, such as rebuilding a projection from
/// the broker's log.
/// </summary>
public sealed class PumpControl : IDisposable
{
    private readonly Lock _lock = new();
    private CancellationTokenSource _running = new();
    private TaskCompletionSource _resumed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _left = Task.CompletedTask;
    private TaskCompletionSource? _leaving;
    private bool _paused;
    private int _held;

    /// <summary>
    /// Stops taking batches. Completes when no batch is being applied any more and this process has left its consumer group.
    /// A batch that is interrupted is rolled back and comes again.
    /// </summary>
    public async Task Pause(CancellationToken cancellationToken)
    {
        CancellationTokenSource running;
        lock (_lock) (_paused, running) = (true, _running);
        await running.CancelAsync();
        await _left.WaitAsync(cancellationToken);
    }

    /// <summary>Joins the group again and continues where the group's stored positions are.</summary>
    public void Resume()
    {
        lock (_lock)
        {
            if (!_paused) return;
            _paused = false;
            GoOn();
        }
    }

    /// <summary>
    /// Stops taking batches as <see cref="Pause"/> does, until the hold is disposed of. Holds add up, and are independent of
    /// pausing and resuming: the pump runs when nobody wants it stopped.
    /// </summary>
    public async Task<IDisposable> Hold(CancellationToken cancellationToken)
    {
        CancellationTokenSource running;
        lock (_lock)
        {
            _held++;
            running = _running;
        }

        var hold = new Held(this);
        try
        {
            await running.CancelAsync();
            await _left.WaitAsync(cancellationToken);
            return hold;
        }
        catch
        {
            hold.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Forgets, in the context's open transaction, which events were applied and which are dead, and sends the group back to the oldest
    /// records, so that all are applied again, but for those that a person has discarded.
    /// Waits for batches under way in any replica, and holds off others until the transaction ends.
    /// </summary>
    public static async Task ForgetApplied(DbContext db, CancellationToken cancellationToken)
    {
        // In the order in which a batch reads and enters them. A service's database knows one group, its own.
        var discarded = await DeadLetters.Forget(db, cancellationToken);
        await db.Database.ExecuteSqlAsync($"truncate ese.retries, ese.inbox; update ese.group_offsets set next_offset = 0, moved_at = now()", cancellationToken);
        // A discarded event counts as applied. A record that holds none is known by its letter.
        var application = db.GetService<EventApplication>();
        await Inbox.Add(db, db.GetService<IOptions<MessagingOptions>>().Value.Group, discarded.Select(letter => application.ReadAny(letter.Record)).OfType<ReceivedEvent>(), cancellationToken);
    }

    /// <summary>Waits until the pump may run; the token is cancelled when it has to stop.</summary>
    internal async Task<CancellationToken> Enter(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task resumed;
            lock (_lock)
            {
                if (!_paused && _held == 0)
                {
                    _leaving = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    _left = _leaving.Task;
                    return _running.Token;
                }

                resumed = _resumed.Task;
            }

            await resumed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The pump has left the group.</summary>
    internal void Leave() => _leaving?.TrySetResult();

    public void Dispose() => _running.Dispose();

    // Under the lock.
    private void GoOn()
    {
        if (_paused || _held > 0) return;
        _running.Dispose();
        _running = new CancellationTokenSource();
        _resumed.TrySetResult();
        _resumed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Held(PumpControl control) : IDisposable
    {
        private bool _ended;

        public void Dispose()
        {
            lock (control._lock)
            {
                if (_ended) return;
                _ended = true;
                control._held--;
                control.GoOn();
            }
        }
    }
}
