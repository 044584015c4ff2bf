using EseErp.Messaging;
using Npgsql;

namespace EseErp.Benchmarks;

/// <summary>
/// From a topic that is full to a group that has applied it all. The clock runs from the first batch in hand, so that
/// joining a group does not count, to the last commit.
/// </summary>
/// <param name="batchSize">Null: the default.</param>
internal sealed class PumpBenchmark(Setting setting, int messages, int? batchSize = null) : IBenchmark
{
    private static readonly ConsumeOptions Defaults = new();
    private readonly NpgsqlDataSource _database = NpgsqlDataSource.Create(setting.Servers.Database);
    private readonly string _topic = $"bench-{Guid.NewGuid():N}";
    private readonly int[] _perPartition = new int[Setting.Partitions];

    public string Name => batchSize is null ? "pump" : "pump, a transaction per message";

    public int Messages => messages;

    public async Task Prepare(CancellationToken cancellationToken)
    {
        await using var service = await Service.Start(setting, "bench");
        await setting.Engine.CreateTopic(_topic, cancellationToken);
        var records = EseErp.Benchmarks.Messages.Records(messages);
        foreach (var record in records) _perPartition[Partitioner.PartitionOf(record.Key, Setting.Partitions)]++;
        await setting.Engine.Fill(_topic, records, cancellationToken);
    }

    public async Task<Run> Ours(CancellationToken cancellationToken)
    {
        await Empty();
        var clock = new Clock();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var left = messages;
        var group = NewGroup();
        await using var service = await Service.Start(setting, group, consumes: _topic, batchSize: batchSize, watch: inner => new WatchedBroker(inner)
        {
            Taken = clock.Begin,
            Committed = records =>
            {
                if (Interlocked.Add(ref left, -records) == 0) done.TrySetResult();
            },
        });
        await done.Task.WaitAsync(cancellationToken);
        var run = clock.End();
        var positions = await ((GroupPositions)service.Services.GetService(typeof(GroupPositions))!).Read(cancellationToken);
        if (positions.Sum(position => position.Lag) is var lag and not 0) throw new InvalidOperationException($"{lag} messages are still behind.");
        await Check();
        return run;
    }

    public async Task<Run> Twin(CancellationToken cancellationToken)
    {
        await Empty();
        var group = NewGroup();
        var workers = new List<(RawPump Pump, int Count)>();
        try
        {
            for (var worker = 0; worker < Defaults.Workers; worker++)
            {
                var partitions = Enumerable.Range(0, Setting.Partitions).Where(partition => partition % Defaults.Workers == worker).ToList();
                var reader = await setting.Engine.OpenReader(group, _topic, partitions, batchSize ?? Defaults.BatchSize, cancellationToken);
                workers.Add((await RawPump.Open(_database, reader, group, cancellationToken), partitions.Sum(partition => _perPartition[partition])));
            }

            var clock = new Clock();
            await Task.WhenAll(workers.Select(worker => Task.Run(() => worker.Pump.Run(worker.Count, clock.Begin, cancellationToken), cancellationToken)));
            var run = clock.End();
            await Check();
            return run;
        }
        finally
        {
            foreach (var (pump, _) in workers) await pump.DisposeAsync();
        }
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private static string NewGroup() => $"bench-{Guid.NewGuid():N}";

    private Task Empty() => setting.Servers.Execute("truncate intakes; truncate ese.inbox; truncate ese.group_offsets");

    private async Task Check()
    {
        await using var command = _database.CreateCommand("select (select count(*) from intakes), (select count(*) from ese.inbox)");
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        if (reader.GetInt64(0) != messages || reader.GetInt64(1) != messages)
            throw new InvalidOperationException($"{messages} messages led to {reader.GetInt64(0)} rows and {reader.GetInt64(1)} inbox entries.");
    }
}
