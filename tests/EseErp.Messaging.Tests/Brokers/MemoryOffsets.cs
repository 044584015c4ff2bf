namespace EseErp.Messaging.Tests;

/// <summary>The offsets of one group, shared by its members: what a service's database is to its own, and as strict.</summary>
public sealed class MemoryOffsets : IGroupOffsets
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Topic, int Partition), (long Next, DateTimeOffset MovedAt)> _offsets = [];
    private int _failing;

    /// <summary>So many of the next reads fail, as in an outage.</summary>
    public void FailReads(int count) => _failing = count;

    public Task<IReadOnlyDictionary<(string Topic, int Partition), long>> Read(IReadOnlyCollection<string> topics, CancellationToken cancellationToken)
    {
        if (Interlocked.Decrement(ref _failing) >= 0) throw new InvalidOperationException("The store is away.");
        lock (_lock)
            return Task.FromResult<IReadOnlyDictionary<(string Topic, int Partition), long>>(
                _offsets.Where(stored => topics.Contains(stored.Key.Topic)).ToDictionary(stored => stored.Key, stored => stored.Value.Next));
    }

    /// <summary>Moves all or none.</summary>
    /// <exception cref="OffsetsElsewhereException">One is not where its move begins.</exception>
    public void Move(IReadOnlyList<OffsetMove> moves)
    {
        lock (_lock)
        {
            foreach (var move in moves)
                if (_offsets.TryGetValue((move.Topic, move.Partition), out var stored) && stored.Next != move.From) throw new OffsetsElsewhereException();
            foreach (var move in moves) _offsets[(move.Topic, move.Partition)] = (move.To, DateTimeOffset.UtcNow);
        }
    }

    public void SendToBeginning()
    {
        lock (_lock)
            foreach (var place in _offsets.Keys.ToList()) _offsets[place] = (0, DateTimeOffset.UtcNow);
    }

    /// <summary>Where the group is and when it moved there; null when it never moved.</summary>
    public (long Next, DateTimeOffset MovedAt)? Of(string topic, int partition)
    {
        lock (_lock) return _offsets.TryGetValue((topic, partition), out var stored) ? stored : null;
    }
}

/// <summary>The stored offsets are not where a member believes they are.</summary>
public sealed class OffsetsElsewhereException() : Exception("The stored offsets are not where this consumer believes they are.");

/// <summary>A member of a group and the group's store: it commits as a pump does, which applies and stores in one.</summary>
public sealed class StoringConsumer(IGroupConsumer member, MemoryOffsets store) : IAsyncDisposable
{
    public IGroupConsumer Member => member;

    public Task<RecordBatch> Take(CancellationToken cancellationToken) => member.Take(cancellationToken);

    /// <summary>Stores how far the batch brings the group and goes on behind it. A batch that is refused is released.</summary>
    /// <exception cref="OffsetsElsewhereException">Somebody else has moved the group: nothing is stored.</exception>
    public void Commit(RecordBatch batch)
    {
        var moves = member.Moves(batch.Records);
        try
        {
            store.Move(moves);
        }
        catch (OffsetsElsewhereException)
        {
            member.LookUpAgain(batch);
            member.Release(batch, TimeSpan.Zero);
            throw;
        }

        member.Commit(batch, moves);
    }

    public void Release(RecordBatch batch, TimeSpan pause) => member.Release(batch, pause);

    public ValueTask DisposeAsync() => member.DisposeAsync();
}
