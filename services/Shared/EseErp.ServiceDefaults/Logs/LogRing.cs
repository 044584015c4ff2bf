namespace EseErp.ServiceDefaults;

/// <summary>
/// The latest log entries, in memory. A reader keeps nothing but its place, so a slow one costs nothing and never holds
/// up a logger: it finds a gap in the sequence where entries were overwritten before it came.
/// </summary>
internal sealed class LogRing(int capacity = LogRing.DefaultCapacity)
{
    public const int DefaultCapacity = 10_000;

    private readonly LogEntry?[] entries = new LogEntry?[capacity];
    private readonly Lock access = new();
    private TaskCompletionSource arrival = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long first = long.MaxValue;
    private long oldest;
    private long count;

    /// <summary>Appends entries whose sequences follow one another.</summary>
    public void Append(ReadOnlySpan<LogEntry> added)
    {
        if (added.IsEmpty) return;
        TaskCompletionSource arrived;
        lock (access)
        {
            if (count == 0) first = oldest = added[0].Sequence;
            foreach (var entry in added)
            {
                entries[entry.Sequence % capacity] = entry;
                if (count < capacity) count++;
                else oldest++;
            }

            arrived = arrival;
            arrival = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        arrived.SetResult();
    }

    /// <summary>Entries after a sequence, oldest first, and whether there are more than <paramref name="limit"/>.</summary>
    public (IReadOnlyList<LogEntry> Entries, bool More) Read(long after, int limit)
    {
        lock (access)
        {
            var start = Math.Max(after + 1, oldest);
            var available = Math.Max(0, oldest + count - start);
            var found = new LogEntry[Math.Min(available, limit)];
            for (var index = 0; index < found.Length; index++)
                found[index] = entries[(start + index) % capacity]!;
            return (found, available > limit);
        }
    }

    /// <summary>How many entries a reader that went on from <paramref name="after"/> to <paramref name="found"/> has missed.</summary>
    public long MissedBetween(long after, long found)
    {
        lock (access)
        {
            // A cursor from before a restart, or none at all, misses only what this process has overwritten.
            return Math.Max(0, found - Math.Max(after + 1, first));
        }
    }

    /// <summary>Completes when something has been appended after the call. Take it before reading, or miss an entry.</summary>
    public Task NextArrival
    {
        get
        {
            lock (access) return arrival.Task;
        }
    }
}
