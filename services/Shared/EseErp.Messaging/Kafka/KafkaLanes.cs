using Confluent.Kafka;

namespace EseErp.Messaging.Kafka;

/// <summary>What a member has fetched and not finished, per partition, and which lanes its workers are busy with.</summary>
/// <param name="count">The highest partition count of the group's topics; lanes are added when a topic has got more since.</param>
/// <param name="batchSize">Most records of one batch from one topic.</param>
internal sealed class KafkaLanes(int count, int batchSize)
{
    /// <summary>Fetched ahead at most, beyond a batch or so: the values of what is not paused.</summary>
    private const long MostBytes = 64 * 1024 * 1024;

    /// <summary>Unfinished records in the order they were fetched; the first <see cref="InHand"/> of them are being worked on.</summary>
    private sealed class Part(TopicPartition name)
    {
        public TopicPartition Name { get; } = name;

        public List<BrokerRecord> Records { get; } = [];

        /// <summary>What their values occupy.</summary>
        public long Bytes { get; set; }

        public int InHand { get; set; }

        /// <summary>Where the group goes on; null while nothing was finished.</summary>
        public long? Finished { get; set; }

        /// <summary>As far as the cluster knows.</summary>
        public long? Committed { get; set; }

        public bool Leaving { get; set; }

        /// <summary>Belongs to another member now: it is not for us to say how far the group is.</summary>
        public bool Lost { get; set; }

        public bool Paused { get; set; }

        public bool HasWork => !Leaving && Records.Count > 0;
    }

    private sealed class Lane(int number)
    {
        public int Number { get; } = number;

        public Dictionary<string, Part> Parts { get; } = [];

        /// <summary>The parts of the batch under way; they may be lost meanwhile.</summary>
        public Dictionary<string, Part> Busy { get; } = [];

        public bool IsBusy { get; set; }

        /// <summary>Not handed out before, in ticks of <see cref="Environment.TickCount64"/>.</summary>
        public long NotBefore { get; set; }
    }

    private readonly Lock _lock = new();
    private readonly List<Lane> _lanes = Enumerable.Range(0, count).Select(number => new Lane(number)).ToList();
    private int _next;

    public void Assign(IEnumerable<TopicPartition> partitions)
    {
        lock (_lock)
            foreach (var partition in partitions)
            {
                while (_lanes.Count <= partition.Partition.Value) _lanes.Add(new Lane(_lanes.Count));
                _lanes[partition.Partition.Value].Parts[partition.Topic] = new Part(partition);
            }
    }

    /// <summary>These are about to go: what is in hand may still be finished.</summary>
    public void TakeNoMoreOf(IEnumerable<TopicPartition> partitions)
    {
        lock (_lock)
            foreach (var part in Find(partitions)) part.Leaving = true;
    }

    public bool AnyInHand(IEnumerable<TopicPartition> partitions)
    {
        lock (_lock) return Find(partitions).Any(part => part.InHand > 0);
    }

    /// <summary>They belong to another member now.</summary>
    /// <returns>Those that were paused.</returns>
    public List<TopicPartition> Lose(IEnumerable<TopicPartition> partitions)
    {
        lock (_lock)
        {
            var lost = Find(partitions).ToList();
            foreach (var part in lost)
            {
                part.Lost = true;
                _lanes[part.Name.Partition.Value].Parts.Remove(part.Name.Topic);
            }

            return lost.Where(part => part.Paused).Select(part => part.Name).ToList();
        }
    }

    public void LoseAll()
    {
        lock (_lock)
            foreach (var lane in _lanes)
            {
                foreach (var part in lane.Parts.Values) part.Lost = true;
                lane.Parts.Clear();
            }
    }

    /// <summary>Keeps fetched records; those of a partition that is gone already are left to its new owner.</summary>
    public void Add(IEnumerable<BrokerRecord> records)
    {
        lock (_lock)
            foreach (var record in records)
            {
                if (record.Partition >= _lanes.Count || !_lanes[record.Partition].Parts.TryGetValue(record.Topic, out var part)) continue;
                part.Records.Add(record);
                part.Bytes += record.Value.Length;
            }
    }

    /// <summary>Enough was fetched for now; what belongs to paused partitions does not count.</summary>
    public bool IsFull
    {
        get
        {
            lock (_lock)
            {
                var (records, bytes) = (0, 0L);
                foreach (var part in Parts().Where(part => !part.Paused)) (records, bytes) = (records + part.Records.Count, bytes + part.Bytes);
                return records >= 8 * batchSize || bytes >= MostBytes;
            }
        }
    }

    /// <summary>The fullest partition, to be fetched no more for now.</summary>
    public List<TopicPartition> Pause()
    {
        lock (_lock)
        {
            var fullest = Parts().Where(part => !part.Paused).MaxBy(part => part.Records.Count);
            if (fullest is null) return [];
            fullest.Paused = true;
            return [fullest.Name];
        }
    }

    /// <summary>Paused partitions that are nearly empty, to be fetched again.</summary>
    public List<TopicPartition> Resume()
    {
        lock (_lock)
        {
            var parts = Parts().Where(part => part.Paused && part.Records.Count <= batchSize).ToList();
            foreach (var part in parts) part.Paused = false;
            return parts.ConvertAll(part => part.Name);
        }
    }

    /// <summary>A worker's fair share of the lanes that have records; null when none has.</summary>
    /// <param name="wait">Then: how long until a paused lane may be taken, at most as long as given.</param>
    public RecordBatch? Take(int workers, ref TimeSpan wait)
    {
        lock (_lock)
        {
            var now = Environment.TickCount64;
            var waiting = Enumerable.Range(0, _lanes.Count).Select(i => _lanes[(_next + i) % _lanes.Count])
                .Where(lane => !lane.IsBusy && lane.Parts.Values.Any(part => part.HasWork)).ToList();
            var share = Math.Clamp((_lanes.Count(lane => lane.Parts.Count > 0) + workers - 1) / workers, 1, batchSize);
            var lanes = waiting.Where(lane => lane.NotBefore <= now).Take(share).ToList();
            if (lanes.Count == 0)
            {
                if (waiting.Count > 0) wait = TimeSpan.FromMilliseconds(Math.Min(wait.TotalMilliseconds, waiting.Min(lane => lane.NotBefore) - now));
                return null;
            }

            _next = (lanes[^1].Number + 1) % _lanes.Count;
            var perPart = Math.Max(1, batchSize / lanes.Count);
            var records = new List<BrokerRecord>();
            foreach (var lane in lanes)
            {
                lane.IsBusy = true;
                foreach (var part in lane.Parts.Values.Where(part => part.HasWork))
                {
                    part.InHand = 1;
                    // Offsets that start over, after a topic was created anew, are a batch of their own.
                    while (part.InHand < Math.Min(perPart, part.Records.Count) && part.Records[part.InHand].Offset > part.Records[part.InHand - 1].Offset) part.InHand++;
                    records.AddRange(part.Records.Take(part.InHand));
                    lane.Busy[part.Name.Topic] = part;
                }
            }

            return new RecordBatch(records, lanes.Select(lane => lane.Number).Order().ToList());
        }
    }

    /// <summary>These are finished, and all before them in their partitions.</summary>
    /// <returns>Whether there is something to commit: of what belongs to another member now there is not.</returns>
    public bool Finish(IEnumerable<BrokerRecord> records)
    {
        lock (_lock)
        {
            var any = false;
            foreach (var partition in records.GroupBy(record => (record.Topic, record.Partition)))
            {
                var part = _lanes[partition.Key.Partition].Busy[partition.Key.Topic];
                var next = partition.Max(record => record.Offset) + 1;
                var finished = part.Records.Take(part.InHand).TakeWhile(record => record.Offset < next).Count();
                part.Bytes -= part.Records.Take(finished).Sum(record => (long)record.Value.Length);
                part.Records.RemoveRange(0, finished);
                part.InHand -= finished;
                part.Finished = next;
                any |= !part.Lost;
            }

            return any;
        }
    }

    /// <summary>What is finished and not yet committed.</summary>
    public List<TopicPartitionOffset> Uncommitted()
    {
        lock (_lock)
            return Parts().Where(IsUncommitted).Select(part => new TopicPartitionOffset(part.Name, part.Finished!.Value)).ToList();
    }

    /// <summary>Whether something is uncommitted in a lane nobody is busy with, so that no commit of its own is to come.</summary>
    public bool HasOldUncommitted()
    {
        lock (_lock) return _lanes.Any(lane => !lane.IsBusy && lane.Parts.Values.Any(IsUncommitted));
    }

    public void Committed(IEnumerable<TopicPartitionOffset> offsets)
    {
        lock (_lock)
            foreach (var offset in offsets)
                if (_lanes[offset.Partition.Value].Parts.TryGetValue(offset.Topic, out var part)) part.Committed = offset.Offset.Value;
    }

    /// <summary>The lanes' batch has ended; what was not finished will be handed out again, after a pause.</summary>
    public void Free(IEnumerable<int> lanes, TimeSpan pause)
    {
        lock (_lock)
            foreach (var lane in lanes.Select(number => _lanes[number]))
            {
                foreach (var part in lane.Busy.Values) part.InHand = 0;
                lane.Busy.Clear();
                lane.IsBusy = false;
                lane.NotBefore = pause > TimeSpan.Zero ? Environment.TickCount64 + (long)pause.TotalMilliseconds : 0;
            }
    }

    private static bool IsUncommitted(Part part) => part.Finished is { } finished && finished != part.Committed;

    private IEnumerable<Part> Parts() => _lanes.SelectMany(lane => lane.Parts.Values);

    private IEnumerable<Part> Find(IEnumerable<TopicPartition> partitions) => partitions
        .Select(partition => _lanes.ElementAtOrDefault(partition.Partition.Value)?.Parts.GetValueOrDefault(partition.Topic))
        .OfType<Part>();
}
