using System.Collections.Concurrent;

namespace EseErp.Messaging.Tests;

/// <summary>What the members of a group were handed, in order, and whether two ever worked on one lane.</summary>
/// <param name="lanesTogether">Whether a lane counts as one across topics.</param>
public sealed class Journal(bool lanesTogether = true)
{
    private readonly Lock _lock = new();
    private readonly List<(string Member, BrokerRecord Record)> _entries = [];
    private readonly ConcurrentDictionary<(string? Topic, int Lane), string> _busy = new();

    public ConcurrentQueue<string> Collisions { get; } = new();

    public List<(string Member, BrokerRecord Record)> Entries
    {
        get
        {
            lock (_lock) return [.. _entries];
        }
    }

    public void Begin(string member, RecordBatch batch)
    {
        foreach (var lane in Of(batch))
            if (!_busy.TryAdd(lane, member)) Collisions.Enqueue($"{member} was handed lane {lane} while {_busy.GetValueOrDefault(lane)} worked on it");
        lock (_lock) _entries.AddRange(batch.Records.Select(record => (member, record)));
    }

    public void End(RecordBatch batch)
    {
        foreach (var lane in Of(batch)) _busy.TryRemove(lane, out _);
    }

    private IEnumerable<(string? Topic, int Lane)> Of(RecordBatch batch) => lanesTogether
        ? batch.Lanes.Select(lane => ((string?)null, lane))
        : batch.Records.Select(record => ((string?)record.Topic, record.Partition)).Distinct();
}

/// <summary>A member of a group with workers of its own, as a pump has them.</summary>
public sealed class Member : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly StoringConsumer _consumer;
    private readonly Task _work;

    public Member(string name, StoringConsumer consumer, int workers, Journal journal, Func<RecordBatch, Task> work)
    {
        (Name, _consumer) = (name, consumer);
        _work = Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(() => Work(journal, work))));
    }

    public string Name { get; }

    /// <summary>Leaves as a service does that is told to stop: batches under way are finished.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested) return;
        await _stop.CancelAsync();
        await _work;
        await _consumer.DisposeAsync();
    }

    private async Task Work(Journal journal, Func<RecordBatch, Task> work)
    {
        while (!_stop.IsCancellationRequested)
        {
            RecordBatch batch;
            try
            {
                batch = await _consumer.Take(_stop.Token);
            }
            catch (Exception)
            {
                // Its connections may be broken on purpose.
                await Task.Yield();
                continue;
            }

            journal.Begin(Name, batch);
            await work(batch);
            journal.End(batch);
            try
            {
                _consumer.Commit(batch);
            }
            catch (OffsetsElsewhereException)
            {
                // Another member has applied it meanwhile.
            }
        }
    }
}
