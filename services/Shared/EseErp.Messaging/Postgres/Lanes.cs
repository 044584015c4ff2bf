using System.Collections.Concurrent;
using System.Diagnostics;
using EseErp.EventStore;

namespace EseErp.Messaging.Postgres;

/// <summary>What is known of the ends of topic partitions: what their publishers told and what was looked up.</summary>
internal sealed class HeardEnds
{
    private readonly ConcurrentDictionary<(int TopicId, int Partition), (long Oldest, long Next, long Moment, DateTimeOffset At)> _ends = new();

    public (long Oldest, long Next, long Moment, DateTimeOffset At)? Of(int topicId, int partition) =>
        _ends.TryGetValue((topicId, partition), out var ends) ? ends : null;

    /// <summary>Somebody has published.</summary>
    public void Hear(int topicId, int partition, long next)
    {
        var (moment, now) = (Stopwatch.GetTimestamp(), DateTimeOffset.UtcNow);
        _ends.AddOrUpdate((topicId, partition), (0, next, moment, now), (_, known) => (known.Oldest, next, moment, now));
    }

    /// <summary>They were looked up; what was heard since is newer.</summary>
    /// <param name="asked">When, by <see cref="Stopwatch.GetTimestamp"/>: clocks are set back at times.</param>
    public void Saw(int topicId, int partition, long oldest, long next, long asked)
    {
        var now = DateTimeOffset.UtcNow;
        _ends.AddOrUpdate((topicId, partition), (oldest, next, asked, now), (_, known) =>
            known.Moment < asked ? (oldest, next, asked, now) : (oldest, Math.Max(next, known.Next), known.Moment, known.At));
    }
}

/// <summary>Where a group is in one topic's partition of a lane.</summary>
internal sealed class LanePart
{
    /// <summary>The next offset to read.</summary>
    public long Next { get; set; }

    /// <summary>What the group has stored, as far as this member knows.</summary>
    public long Stored { get; set; }

    /// <summary>Records before this day have been read.</summary>
    public int Segment { get; set; }
}

/// <summary>Partition <i>n</i> of all the topics a group reads. Whoever has reserved it (<see cref="Busy"/>) alone touches <see cref="Parts"/>.</summary>
internal sealed class Lane(int number)
{
    public int Number { get; } = number;

    /// <summary>This member holds the lane's lock.</summary>
    public bool Owned { get; set; }

    /// <summary>Another member is to have it as soon as the batch under way is done.</summary>
    public bool Leaving { get; set; }

    public bool Busy { get; set; }

    /// <summary>Somebody else may have moved the offsets since they were looked up.</summary>
    public bool Stale { get; set; } = true;

    /// <summary>Not handed out before, in ticks of <see cref="Environment.TickCount64"/>.</summary>
    public long NotBefore { get; set; }

    /// <summary>By topic id; null until looked up.</summary>
    public Dictionary<int, LanePart>? Parts { get; set; }
}

/// <summary>
/// What the lanes of one member are doing. A lane stays reserved until its batch is committed or released, even when its
/// lock was lost and won back meanwhile, so that one process never works on a lane twice at once.
/// </summary>
internal sealed class Lanes(int count, IReadOnlyCollection<PostgresBroker.Topic> topics, HeardEnds heard)
{
    private readonly Lane[] _all = Enumerable.Range(0, count).Select(number => new Lane(number)).ToArray();
    private readonly EventLogSignal _signal = new();
    private readonly Lock _lock = new();

    public int Count => _all.Length;

    public int Owned
    {
        get
        {
            lock (_lock) return _all.Count(lane => lane.Owned);
        }
    }

    /// <summary>Completes when there may be something to reserve. Take it before reserving.</summary>
    public Task Changed() => _signal.Next();

    /// <summary>There may be something to reserve.</summary>
    public void Wake() => _signal.Set();

    /// <summary>How many records wait in lanes that can be reserved now; as many as one likes where nobody has looked yet.</summary>
    /// <param name="pause">If none does: how long until a paused lane can be reserved, at most as long as given.</param>
    public long Ready(ref TimeSpan pause)
    {
        lock (_lock)
        {
            var (now, first, ready) = (Environment.TickCount64, long.MaxValue, 0L);
            foreach (var lane in _all)
                if (HasWork(lane))
                {
                    first = Math.Min(first, lane.NotBefore);
                    if (lane.NotBefore <= now) ready += lane.Stale || lane.Parts is null ? int.MaxValue : Waiting(lane);
                }

            if (ready == 0 && first < long.MaxValue) pause = TimeSpan.FromMilliseconds(Math.Min(pause.TotalMilliseconds, first - now));
            return ready;
        }
    }

    /// <summary>
    /// Reserves the lanes that have records: all of them as long as one batch can hold what they have, else a worker's fair share.
    /// </summary>
    public List<Lane> Reserve(int workers, int batchSize)
    {
        lock (_lock)
        {
            var now = Environment.TickCount64;
            var lanes = _all.Where(lane => HasWork(lane) && lane.NotBefore <= now).ToList();
            // What was not looked up yet may be anything.
            if (lanes.Sum(lane => lane.Stale || lane.Parts is null ? batchSize : Waiting(lane)) > batchSize)
                lanes = lanes.Take(Math.Clamp((_all.Count(lane => lane.Owned) + workers - 1) / workers, 1, batchSize)).ToList();
            foreach (var lane in lanes)
            {
                lane.Busy = true;
                if (lane.Stale) (lane.Stale, lane.Parts) = (false, null);
            }

            return lanes;
        }
    }

    /// <summary>Goes on behind records that nobody here wants, if they come next and nobody is busy with the lane.</summary>
    /// <returns>False when they have to be read.</returns>
    public bool PassOver(int topicId, int partition, long first, long next)
    {
        lock (_lock)
        {
            if (!_all[partition].Owned) return true;
            if (_all[partition] is not { Busy: false, Stale: false, Parts: { } parts } || !parts.TryGetValue(topicId, out var part) || part.Next != first) return false;
            part.Next = next;
            return true;
        }
    }

    public IEnumerable<Lane> Of(IEnumerable<int> numbers) => numbers.Select(number => _all[number]);

    /// <summary>Ends a reservation.</summary>
    public void Free(IEnumerable<Lane> lanes)
    {
        lock (_lock)
            foreach (var lane in lanes) lane.Busy = false;
        _signal.Set();
    }

    /// <summary>Ends a reservation without success: the lanes are read again, after a pause.</summary>
    public void Return(IEnumerable<Lane> lanes, TimeSpan pause)
    {
        lock (_lock)
            foreach (var lane in lanes) (lane.Busy, lane.NotBefore) = (false, Environment.TickCount64 + (long)pause.TotalMilliseconds);
        _signal.Set();
    }

    /// <summary>The stored offsets are to be looked up before these lanes are handed out again.</summary>
    public void MakeStale(IEnumerable<Lane> lanes)
    {
        lock (_lock)
            foreach (var lane in lanes) lane.Stale = true;
    }

    /// <summary>Parts of idle lanes that are read further than is stored; the lanes stay reserved until <see cref="Free"/>.</summary>
    public List<Lane> ReserveUnstored()
    {
        lock (_lock)
        {
            var lanes = _all.Where(lane => lane is { Owned: true, Busy: false, Stale: false, Parts: not null } && lane.Parts.Values.Any(part => part.Next != part.Stored)).ToList();
            foreach (var lane in lanes) lane.Busy = true;
            return lanes;
        }
    }

    /// <summary>Gives up what is more than the share. Idle lanes at once; busy ones take no more work and go at a later call.</summary>
    /// <returns>Those given up, whose locks are to be freed now.</returns>
    public List<Lane> GiveUpBeyond(int share)
    {
        lock (_lock)
        {
            var owned = _all.Where(lane => lane.Owned).OrderBy(lane => lane.Busy).ThenByDescending(lane => lane.Leaving).ToList();
            var surplus = owned.Take(Math.Max(0, owned.Count - share)).ToList();
            foreach (var lane in owned) lane.Leaving = surplus.Contains(lane);
            var gone = surplus.Where(lane => !lane.Busy).ToList();
            foreach (var lane in gone) (lane.Owned, lane.Leaving) = (false, false);
            return gone;
        }
    }

    public List<Lane> NotOwned()
    {
        lock (_lock) return _all.Where(lane => !lane.Owned).ToList();
    }

    /// <summary>This member now holds the lane's lock.</summary>
    public void Acquire(Lane lane)
    {
        lock (_lock) (lane.Owned, lane.Leaving, lane.Stale, lane.NotBefore) = (true, false, true, 0);
        _signal.Set();
    }

    /// <summary>All locks are gone. Batches under way continue; whatever a new owner has moved meanwhile makes them fail.</summary>
    public void LoseAll()
    {
        lock (_lock)
            foreach (var lane in _all) (lane.Owned, lane.Leaving) = (false, false);
    }

    public List<(string Topic, int Partition, long Next)> Places()
    {
        lock (_lock)
            return _all.Where(lane => lane is { Owned: true, Stale: false, Parts: not null })
                .SelectMany(lane => topics.Where(topic => lane.Parts!.ContainsKey(topic.Id)).Select(topic => (topic.Name, lane.Number, lane.Parts![topic.Id].Next)))
                .ToList();
    }

    private bool HasWork(Lane lane)
    {
        if (lane is not { Owned: true, Leaving: false, Busy: false }) return false;
        return lane.Stale || lane.Parts is null || Waiting(lane) > 0;
    }

    private long Waiting(Lane lane)
    {
        var waiting = 0L;
        foreach (var topic in topics)
            if (lane.Parts!.TryGetValue(topic.Id, out var part) && heard.Of(topic.Id, lane.Number) is { } ends) waiting += Math.Max(0, ends.Next - part.Next);
        return waiting;
    }
}
