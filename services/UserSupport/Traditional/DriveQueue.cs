namespace EseErp.UserSupport.Traditional;

/// <summary>
/// Returns of this process that were answered at once and wait for their first drive. Requests take turns, so that a single return
/// does not wait for the whole of a batch that came before it. It is a short cut only: what is lost with the process is found by its
/// time to wake.
/// </summary>
public sealed class DriveQueue : IDisposable
{
    // Those beyond it wait in the database only.
    private const int Most = 100_000;

    private readonly Lock _gate = new();
    private readonly LinkedList<Queue<string>> _requests = [];
    private readonly SemaphoreSlim _waiting = new(0);

    /// <summary>Adds the returns of one request, once they are committed.</summary>
    public void Add(IReadOnlyCollection<string> returnIds)
    {
        if (returnIds.Count == 0) return;
        lock (_gate)
        {
            if (_waiting.CurrentCount > Most) return;
            _requests.AddLast(new Queue<string>(returnIds));
        }

        _waiting.Release(returnIds.Count);
    }

    /// <summary>Takes the next return, waiting for one if there is none.</summary>
    public async Task<string> Take(CancellationToken cancellationToken)
    {
        await _waiting.WaitAsync(cancellationToken);
        lock (_gate)
        {
            var request = _requests.First!;
            _requests.RemoveFirst();
            var returnId = request.Value.Dequeue();
            if (request.Value.Count > 0) _requests.AddLast(request);
            return returnId;
        }
    }

    public void Dispose() => _waiting.Dispose();
}
