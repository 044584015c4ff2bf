namespace EseErp.EventStore;

/// <summary>The latest items of a log that is read once for all: all there are behind <c>From</c> and up to <c>UpTo</c>.</summary>
internal sealed class LiveWindow<T>(ILiveSource<T> source, int mostItems, int mostBytes)
{
    private readonly Lock _lock = new();
    private readonly List<T> _items = [];
    private TaskCompletionSource _moved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private (long From, long UpTo)? _range;
    private long _bytes;

    /// <summary>Completes when there is more. Take it before looking.</summary>
    public Task Moved
    {
        get
        {
            lock (_lock) return _moved.Task;
        }
    }

    /// <summary>Whether a follower at this position has missed something that is not kept any more.</summary>
    /// <param name="upTo">Where it may read up to by itself; everything up to there is decided.</param>
    public bool IsBehind(long position, out long upTo)
    {
        lock (_lock)
        {
            upTo = _range?.UpTo ?? 0;
            return position < _range?.From;
        }
    }

    /// <summary>The next items after a position.</summary>
    public IReadOnlyList<T> After(long position, int limit)
    {
        lock (_lock)
        {
            // Between the look whether it is behind and this one, the window may have moved on.
            if (_range is not { } range || position < range.From || position >= range.UpTo) return [];
            var (low, high) = (0, _items.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (source.PositionOf(_items[middle]) <= position) low = middle + 1;
                else high = middle;
            }

            return _items.GetRange(low, Math.Min(limit, _items.Count - low));
        }
    }

    /// <summary>Begins again, with nothing kept.</summary>
    public void BeginAt(long position) => Change(() =>
    {
        Clear();
        _range = (position, position);
    });

    /// <summary>It is not known any more what there is.</summary>
    public void Forget() => Change(Clear);

    /// <summary>Adds what comes next, and lets go of the oldest where that is too much.</summary>
    public void Add(IReadOnlyList<T> items) => Change(() =>
    {
        _items.AddRange(items);
        _bytes += items.Sum(item => (long)source.SizeOf(item));
        var (gone, from) = (0, _range!.Value.From);
        for (; gone < _items.Count && (_items.Count - gone > mostItems || _bytes > mostBytes); gone++)
        {
            _bytes -= source.SizeOf(_items[gone]);
            from = source.PositionOf(_items[gone]);
        }

        _items.RemoveRange(0, gone);
        _range = (from, source.PositionOf(items[^1]));
    });

    private void Clear()
    {
        _items.Clear();
        (_bytes, _range) = (0, null);
    }

    private void Change(Action change)
    {
        TaskCompletionSource moved;
        lock (_lock)
        {
            change();
            (moved, _moved) = (_moved, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        moved.TrySetResult();
    }
}
