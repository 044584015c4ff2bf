using EseErp.EventStore;

namespace EseErp.Messaging.Postgres;

/// <summary>Partition <i>n</i> of all the topics a group reads. Whoever has reserved it (<see cref="Busy"/>) alone touches <see cref="Next"/>.</summary>
internal sealed class Lane(int number)
{
    public int Number { get; } = number;

    /// <summary>This member holds the lane's lock.</summary>
    public bool Owned { get; set; }

    /// <summary>Another member is to have it as soon as the batch under way is done.</summary>
    public bool Leaving { get; set; }

    public bool Busy { get; set; }

    /// <summary>There may be records that were not handed out.</summary>
    public bool Dirty { get; set; } = true;

    /// <summary>Somebody else may have moved the positions since they were looked up.</summary>
    public bool Stale { get; set; } = true;

    /// <summary>Not handed out before, in ticks of <see cref="Environment.TickCount64"/>.</summary>
    public long NotBefore { get; set; }

    /// <summary>Next offset to read per topic id; null until looked up.</summary>
    public Dictionary<int, long>? Next { get; set; }
}

/// <summary>
/// What the lanes of one member are doing. A lane stays reserved until its batch is committed or released, even when its
/// lock was lost and won back meanwhile, so that one process never works on a lane twice at once.
/// </summary>
internal sealed class Lanes(int count)
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

    /// <summary>Reserves a worker's fair share of the lanes that may have records.</summary>
    /// <param name="pause">When none can be reserved: how long until a paused one can, at most as long as given.</param>
    public List<Lane> Reserve(int workers, int atMost, ref TimeSpan pause)
    {
        lock (_lock)
        {
            var now = Environment.TickCount64;
            var share = Math.Clamp((_all.Count(lane => lane.Owned) + workers - 1) / workers, 1, atMost);
            var waiting = _all.Where(lane => lane is { Owned: true, Leaving: false, Busy: false, Dirty: true }).ToList();
            var lanes = waiting.Where(lane => lane.NotBefore <= now).Take(share).ToList();
            foreach (var lane in lanes)
            {
                (lane.Busy, lane.Dirty) = (true, false);
                if (lane.Stale) (lane.Stale, lane.Next) = (false, null);
            }

            if (lanes.Count == 0 && waiting.Count > 0)
                pause = TimeSpan.FromMilliseconds(Math.Min(pause.TotalMilliseconds, waiting.Min(lane => lane.NotBefore) - now));
            return lanes;
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
            foreach (var lane in lanes)
                (lane.Busy, lane.Dirty, lane.NotBefore) = (false, true, Environment.TickCount64 + (long)pause.TotalMilliseconds);
        _signal.Set();
    }

    /// <summary>There may be new records in these partitions; null: in all.</summary>
    public void MarkDirty(IReadOnlySet<int>? partitions)
    {
        lock (_lock)
            foreach (var lane in _all)
                if (partitions is null || partitions.Contains(lane.Number)) lane.Dirty = true;
        _signal.Set();
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
        lock (_lock) (lane.Owned, lane.Leaving, lane.Stale, lane.Dirty, lane.NotBefore) = (true, false, true, true, 0);
        _signal.Set();
    }

    /// <summary>All locks are gone. Batches under way go on; the inbox absorbs what a new owner applies again.</summary>
    public void LoseAll()
    {
        lock (_lock)
            foreach (var lane in _all) (lane.Owned, lane.Leaving) = (false, false);
    }
}
