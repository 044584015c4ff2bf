using EseErp.EventStore;
using Npgsql;
using static EseErp.Messaging.Tests.EventStoreFixture;

namespace EseErp.Messaging.Tests;

/// <summary>
/// Commit order is not sequence order. Every test here runs with the log's own reader, which must see everything, and with
/// one that goes by <c>position &gt; last</c>, which must be seen to lose events: otherwise the test proves nothing.
/// </summary>
public sealed class DelayedCommitTests(EventStoreFixture store) : IClassFixture<EventStoreFixture>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Reads what is new to this reader.</summary>
    private delegate Task<IReadOnlyList<string>> Reader();

    [Fact]
    public async Task Should_lose_nothing_when_transactions_commit_in_adversarial_order()
    {
        var type = $"t{Guid.NewGuid():N}.v1";
        var (written, seen) = await CommitInAdversarialOrder(type, SafeReader(type));
        seen.ShouldBe(written, ignoreOrder: true);
    }

    [Fact]
    public async Task Should_be_able_to_lose_events_in_adversarial_order_with_a_naive_reader()
    {
        var type = $"t{Guid.NewGuid():N}.v1";
        var (written, seen) = await CommitInAdversarialOrder(type, NaiveReader(type));
        seen.Count.ShouldBeLessThan(written.Count);
    }

    [Fact]
    public async Task Should_lose_nothing_under_concurrent_writers_with_commits_at_random_times()
    {
        var type = $"t{Guid.NewGuid():N}.v1";
        var (written, seen) = await CommitAtRandomTimes(type, SafeReader(type));
        seen.ShouldBe(written, ignoreOrder: true);
    }

    [Fact]
    public async Task Should_be_able_to_lose_events_at_random_times_with_a_naive_reader()
    {
        var type = $"t{Guid.NewGuid():N}.v1";
        var (written, seen) = await CommitAtRandomTimes(type, NaiveReader(type));
        seen.Count.ShouldBeLessThan(written.Count);
    }

    private async Task<(List<string> Written, List<string> Seen)> CommitInAdversarialOrder(string type, Reader read)
    {
        int[] commitOrder = [7, 0, 5, 2, 6, 1, 4, 3];
        var appends = new List<DelayedAppend>();
        foreach (var _ in commitOrder) appends.Add(await DelayedAppend.Begin(store.Database, type));

        var seen = new List<string>();
        foreach (var index in commitOrder)
        {
            await appends[index].Commit();
            seen.AddRange(await read());
        }

        var written = appends.Select(append => append.Stream).ToList();
        foreach (var append in appends) await append.DisposeAsync();
        await Finish(read, written, seen);
        return (written, seen);
    }

    private async Task<(List<string> Written, List<string> Seen)> CommitAtRandomTimes(string type, Reader read)
    {
        var writers = Task.WhenAll(Enumerable.Range(0, 8).Select(async writer =>
        {
            var random = new Random(writer);
            var streams = new List<string>();
            for (var round = 0; round < 12; round++)
            {
                await using var append = await DelayedAppend.Begin(store.Database, type);
                // The transaction is held open for a while, which is what this is about.
                await store.Execute($"select pg_sleep({random.Next(0, 30)} / 1000.0)");
                await append.Commit();
                streams.Add(append.Stream);
            }

            return streams;
        }));
        var seen = new List<string>();
        while (!writers.IsCompleted) seen.AddRange(await read());
        var written = (await writers).SelectMany(streams => streams).ToList();
        await Finish(read, written, seen);
        return (written, seen);
    }

    // The end is reached when a read that began after all was readable finds nothing more.
    private Task Finish(Reader read, List<string> written, List<string> seen) => Eventually.Within(Limit, async () =>
    {
        var settled = await AllAreReadable(written);
        var more = await read();
        seen.AddRange(more);
        return settled && more.Count == 0;
    }, "the reader to reach the end");

    private async Task<bool> AllAreReadable(List<string> written)
    {
        await using var connection = new NpgsqlConnection(store.Database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            """
            select (select count(*) from ese.event_log where stream_id = any (@written)) = cardinality(@written) and not exists (
                select from pg_locks where relation = 'ese.event_log'::regclass and mode = 'RowExclusiveLock'
                  and database = (select oid from pg_database where datname = current_database()))
            """, connection);
        command.Parameters.AddWithValue("written", written.ToArray());
        return (bool)(await command.ExecuteScalarAsync())!;
    }

    private Reader SafeReader(string type)
    {
        var after = 0L;
        return async () =>
        {
            var events = await store.Team.Log.Read(after, 3, type, CancellationToken.None);
            if (events.Count > 0) after = events[^1].Position;
            return events.Select(e => e.StreamId).ToList();
        };
    }

    private Reader NaiveReader(string type)
    {
        var last = 0L;
        return async () =>
        {
            await using var connection = new NpgsqlConnection(store.Database);
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand(
                "select position, stream_id from ese.event_log where position > @last and type = @type order by position limit 3", connection);
            command.Parameters.AddWithValue("last", last);
            command.Parameters.AddWithValue("type", type);
            await using var reader = await command.ExecuteReaderAsync();
            var streams = new List<string>();
            while (await reader.ReadAsync())
            {
                last = reader.GetInt64(0);
                streams.Add(reader.GetString(1));
            }

            return streams;
        };
    }
}
