namespace EseErp.EventStore;

/// <summary>Wakes the log's readers in this process after a commit. Readers poll as well: another replica's commit, or a
/// transaction that only now became safe to read, gives no signal.</summary>
public sealed class EventLogSignal
{
    private volatile TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes at the next <see cref="Set"/>. Take it before reading, so that no append falls between.</summary>
    public Task Next() => _next.Task;

    /// <summary>Something was appended and committed.</summary>
    public void Set() =>
        Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>Waits for a signal, at most as long as given.</summary>
    public static async Task Wait(Task signal, TimeSpan atMost, CancellationToken cancellationToken)
    {
        try
        {
            await signal.WaitAsync(atMost, cancellationToken);
        }
        catch (TimeoutException)
        {
        }
    }
}
