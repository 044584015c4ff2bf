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

        /// <summary>The offset that should come next; 0 before anything has come of a partition that is read from its beginning.</summary>
        public long Next { get; set; }

        /// <summary>Came instead of the one that should; see <see cref="Doubts"/>.</summary>
        public long? Doubted { get; set; }

        /// <summary>Not all offsets have a record: a topic of somebody else's, with transactions or compaction.</summary>
        public bool HasGaps { get; set; }

        /// <summary>Where the group continues.</summary>
        public long Finished { get; set; }

        /// <summary>What the group has stored, as far as this member knows.</summary>
        public long Stored { get; set; }

        /// <summary>As far as the cluster was told, which is for its tools.</summary>
        public long Told { get; set; }

        /// <summary>Where the group is has to be looked up.</summary>
        public bool Stale { get; set; }

        public bool Leaving { get; set; }

        /// <summary>Belongs to another member now: it is not for us to say how far the group is.</summary>
        public bool Lost { get; set; }

        public bool Paused { get; set; }

        public bool HasWork => !Leaving && !Stale && Records.Count > 0;

        public bool IsUnstored => !Stale && Finished != Stored;

        /// <summary>
        /// Whether a record is not the one that should come. The client may have lost its place, so that is sought again; when the same record
        /// comes once more, it is what the partition holds there.
        /// </summary>
        public bool Doubts(BrokerRecord record)
        {
            if (Next == 0 || HasGaps || record.Offset == Next) return false;
            if (Doubted != record.Offset)
            {
                Doubted = record.Offset;
                return true;
            }

            HasGaps = record.Offset > Next;
            return false;
        }
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

    /// <summary>They belong to this member now. Nothing is handed out of one before it is known where the group is.</summary>
    public void Assign(IEnumerable<TopicPartition> partitions)
    {
        lock (_lock)
            foreach (var assigned in partitions)
            {
                while (_lanes.Count <= assigned.Partition.Value) _lanes.Add(new Lane(_lanes.Count));
                _lanes[assigned.Partition.Value].Parts[assigned.Topic] = new Part(assigned) { Stale = true };
            }
    }

    /// <summary>The group is not where this member believed.</summary>
    public void MakeStale(IEnumerable<int> lanes)
    {
        lock (_lock)
            foreach (var part in lanes.SelectMany(lane => _lanes[lane].Parts.Values)) part.Stale = true;
    }

    /// <summary>Partitions of which has to be looked up where the group is. What is in hand is finished before, as it moves the group.</summary>
    public List<TopicPartition> Stale()
    {
        lock (_lock)
            return _lanes.Where(lane => !lane.IsBusy).SelectMany(lane => lane.Parts.Values).Where(part => part.Stale).Select(part => part.Name).ToList();
    }

    /// <param name="places">Each with the offset that the group has stored; 0 if it has none.</param>
    public void GoOn(IEnumerable<TopicPartitionOffset> places)
    {
        lock (_lock)
            foreach (var place in places)
                foreach (var part in Find([place.TopicPartition]))
                {
                    part.Records.Clear();
                    (part.Bytes, part.Stored, part.Finished, part.Next, part.Stale) = (0, place.Offset.Value, place.Offset.Value, place.Offset.Value, false);
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
        lock (_lock) return Find(partitions).Any(part => _lanes[part.Name.Partition.Value].Busy.ContainsValue(part));
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
                if (record.Partition >= _lanes.Count || !_lanes[record.Partition].Parts.TryGetValue(record.Topic, out var part) || part.Stale) continue;
                if (part.Doubts(record))
                {
                    part.Stale = true;
                    continue;
                }

                part.Next = record.Offset + 1;
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

    /// <summary>Partitions of which nothing is kept, as it is not known where the group is, to be fetched no more for now.</summary>
    public List<TopicPartition> PauseStale()
    {
        lock (_lock)
        {
            var parts = Parts().Where(part => part.Stale && !part.Paused).ToList();
            foreach (var part in parts) part.Paused = true;
            return parts.ConvertAll(part => part.Name);
        }
    }

    /// <summary>Paused partitions that are nearly empty, to be fetched again.</summary>
    public List<TopicPartition> Resume()
    {
        lock (_lock)
        {
            var parts = Parts().Where(part => part is { Paused: true, Stale: false } && part.Records.Count <= batchSize).ToList();
            foreach (var part in parts) part.Paused = false;
            return parts.ConvertAll(part => part.Name);
        }
    }

    /// <summary>How many records wait in lanes that can be taken now.</summary>
    /// <param name="wait">If none does: how long until a paused lane can be taken, at most as long as given.</param>
    public int Ready(ref TimeSpan wait)
    {
        lock (_lock)
        {
            var (now, first, ready) = (Environment.TickCount64, long.MaxValue, 0);
            foreach (var lane in _lanes.Where(lane => !lane.IsBusy && lane.Parts.Values.Any(part => part.HasWork)))
            {
                first = Math.Min(first, lane.NotBefore);
                if (lane.NotBefore <= now) ready += lane.Parts.Values.Where(part => part.HasWork).Sum(part => part.Records.Count);
            }

            if (ready == 0 && first < long.MaxValue) wait = TimeSpan.FromMilliseconds(Math.Min(wait.TotalMilliseconds, first - now));
            return ready;
        }
    }

    /// <summary>
    /// The lanes that have records: all of them as long as one batch holds what they have, else a worker's fair share; null when none has.
    /// </summary>
    public RecordBatch? Take(int workers)
    {
        lock (_lock)
        {
            var now = Environment.TickCount64;
            var lanes = Enumerable.Range(0, _lanes.Count).Select(i => _lanes[(_next + i) % _lanes.Count])
                .Where(lane => !lane.IsBusy && lane.NotBefore <= now && lane.Parts.Values.Any(part => part.HasWork)).ToList();
            if (lanes.Count == 0) return null;
            if (lanes.Sum(lane => lane.Parts.Values.Sum(part => part.Records.Count)) > batchSize)
                lanes = lanes.Take(Math.Clamp((_lanes.Count(lane => lane.Parts.Count > 0) + workers - 1) / workers, 1, batchSize)).ToList();
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

    /// <summary>What has to be stored once these records of a batch under way are applied.</summary>
    public List<OffsetMove> Moves(IEnumerable<BrokerRecord> records)
    {
        lock (_lock)
            return records.GroupBy(record => (record.Topic, record.Partition))
                .Select(partition => new OffsetMove(
                    partition.Key.Topic, partition.Key.Partition, _lanes[partition.Key.Partition].Busy[partition.Key.Topic].Stored,
                    partition.Max(record => record.Offset) + 1))
                .ToList();
    }

    /// <summary>These are finished, and all before them in their partitions.</summary>
    public void Finish(IEnumerable<BrokerRecord> records, IEnumerable<OffsetMove> stored)
    {
        lock (_lock)
        {
            foreach (var partition in records.GroupBy(record => (record.Topic, record.Partition)))
            {
                var part = _lanes[partition.Key.Partition].Busy[partition.Key.Topic];
                var next = partition.Max(record => record.Offset) + 1;
                var finished = part.Records.Take(part.InHand).TakeWhile(record => record.Offset < next).Count();
                part.Bytes -= part.Records.Take(finished).Sum(record => (long)record.Value.Length);
                part.Records.RemoveRange(0, finished);
                part.InHand -= finished;
                part.Finished = next;
            }

            foreach (var move in stored) _lanes[move.Partition].Busy[move.Topic].Stored = move.To;
        }
    }

    /// <summary>Reserves idle lanes that are read further than is stored, until they are freed.</summary>
    public List<OffsetMove> ReserveUnstored()
    {
        lock (_lock)
        {
            var moves = new List<OffsetMove>();
            foreach (var lane in _lanes.Where(lane => !lane.IsBusy && lane.Parts.Values.Any(part => part.IsUnstored)))
            {
                lane.IsBusy = true;
                foreach (var part in lane.Parts.Values.Where(part => part.IsUnstored))
                {
                    lane.Busy[part.Name.Topic] = part;
                    moves.Add(new OffsetMove(part.Name.Topic, lane.Number, part.Stored, part.Finished));
                }
            }

            return moves;
        }
    }

    public void Stored(IEnumerable<OffsetMove> moves)
    {
        lock (_lock)
            foreach (var move in moves) _lanes[move.Partition].Busy[move.Topic].Stored = move.To;
    }

    /// <summary>How far this member is in each of its partitions.</summary>
    public List<(string Topic, int Partition, long Next)> Places()
    {
        lock (_lock) return Parts().Where(part => !part.Stale).Select(part => (part.Name.Topic, part.Name.Partition.Value, part.Finished)).ToList();
    }

    /// <summary>What is stored, and not yet told to the cluster.</summary>
    public List<TopicPartitionOffset> Untold()
    {
        lock (_lock)
            return Parts().Where(part => !part.Stale && part.Stored != part.Told).Select(part => new TopicPartitionOffset(part.Name, part.Stored)).ToList();
    }

    public void Told(TopicPartitionOffset offset)
    {
        lock (_lock)
            foreach (var part in Find([offset.TopicPartition])) part.Told = offset.Offset.Value;
    }

    /// <summary>The lanes' batch has ended; what was not finished will be handed out again, after a pause.</summary>
    public void Free(IEnumerable<int> lanes, TimeSpan pause)
    {
        lock (_lock)
            foreach (var lane in lanes.Select(number => _lanes[number]))
            {
                foreach (var part in lane.Busy.Values)
                {
                    part.InHand = 0;
                    // Lost and won back meanwhile: what was in hand may have moved the group since that was looked up.
                    if (part.Lost && lane.Parts.TryGetValue(part.Name.Topic, out var regained)) regained.Stale = true;
                }

                lane.Busy.Clear();
                lane.IsBusy = false;
                lane.NotBefore = pause > TimeSpan.Zero ? Environment.TickCount64 + (long)pause.TotalMilliseconds : 0;
            }
    }

    private IEnumerable<Part> Parts() => _lanes.SelectMany(lane => lane.Parts.Values);

    private IEnumerable<Part> Find(IEnumerable<TopicPartition> partitions) => partitions
        .Select(partition => _lanes.ElementAtOrDefault(partition.Partition.Value)?.Parts.GetValueOrDefault(partition.Topic))
        .OfType<Part>();
}
