using System.Collections.Concurrent;
using EseErp.EventStore;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace EseErp.Messaging.Tests;

/// <summary>Everybody reads the log in the order of positions, which in each stream is the order of versions, however its writers overlap.</summary>
public abstract class OrderSpec(TestDatabases databases, IServiceEngine? engine = null) : DeliverySpec(databases, engine)
{
    private const int Writers = 8;
    private const int Rounds = 25;
    private const int Streams = 5;

    [Fact]
    public async Task Should_show_a_streams_versions_in_order_though_the_older_transaction_appended_later()
    {
        var team = await StartTeam(Messaging with { Consumes = false });
        using var stop = new CancellationTokenSource(Limit);
        var following = Follow(team, null, 6, stop.Token);
        for (var round = 0; round < 3; round++)
        {
            var stream = $"RMA-{round}";
            await using var older = await RawTransaction.Begin(Database);
            await older.WriteElsewhere();
            await using var younger = await RawTransaction.Begin(Database);
            await younger.WriteElsewhere();
            await younger.Append(stream, 1);
            await younger.Commit();
            await older.Append(stream, 2);
            await older.Commit();
        }

        var log = await Eventually.Within(Limit, team.Events, events => events.Count == 6, "all events");
        var records = await Read(6);

        foreach (var round in Enumerable.Range(0, 3))
        {
            log.Where(e => e.StreamId == $"RMA-{round}").Select(e => e.StreamVersion).ShouldBe([1, 2]);
            (await following).Where(e => e.StreamId == $"RMA-{round}").Select(e => e.StreamVersion).ShouldBe([1, 2]);
            records.Where(record => record.Key == $"RMA-{round}").Select(record => CloudEvent.Read(record.Value, new EventTypes(ParcelDb.Contracts)).StreamVersion).ShouldBe([1, 2]);
        }
    }

    [Fact]
    public async Task Should_show_every_committed_event_once_and_in_order_to_all_who_read_while_writers_do_what_they_like()
    {
        var team = await StartTeam(Messaging with { Consumes = false });
        using var stop = new CancellationTokenSource(Limit * 2);
        var (all, some, pages) = (new ConcurrentQueue<RecordedEvent>(), new ConcurrentQueue<RecordedEvent>(), new ConcurrentQueue<RecordedEvent>());
        Task[] readers = [Gather(team.Log.Follow(0, null, stop.Token), all), Gather(team.Log.Follow(0, "ese.parcels.parcel-sent.*", stop.Token), some), Gather(Pages(), pages)];
        var prepares = await Ask<string>("select current_setting('max_prepared_transactions')") != "0";

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => Write(team, writer, prepares))));

        var written = await Written();
        written.Count.ShouldBeGreaterThan(Writers * Rounds / 2);
        (await Ask<long>("select last_value from ese.event_log_position_seq")).ShouldBeGreaterThan(written.Count, "some positions are burnt");
        foreach (var (seen, who) in new[] { (all, "who follows"), (some, "who follows a type"), (pages, "who pages") })
        {
            await Eventually.Within(Limit, () => Task.FromResult(seen.Count), count => count >= written.Count, $"everything to be seen by {who}");
            seen.Select(e => (e.Position, e.StreamId, e.StreamVersion)).ShouldBe(written, who);
        }

        foreach (var stream in written.GroupBy(e => e.Stream)) stream.Select(e => e.Version).ShouldBe(Enumerable.Range(1, stream.Count()));
        var records = (await Read(written.Count)).DistinctBy(record => (record.Key, Version(record))).ToList();
        foreach (var stream in written.GroupBy(e => e.Stream))
            records.Where(record => record.Key == stream.Key).Select(Version).ShouldBe(Enumerable.Range(1, stream.Count()));
        if (BrokerKnowsWhatItHas) (await End()).ShouldBe(written.Count);
        await stop.CancelAsync();
        await Task.WhenAll(readers);

        async IAsyncEnumerable<RecordedEvent> Pages()
        {
            for (var after = 0L; !stop.IsCancellationRequested;)
            {
                var page = await team.Log.Read(after, 3, stop.Token);
                foreach (var e in page.Events)
                {
                    yield return e;
                    after = e.Position;
                }
            }
        }
    }

    private async Task Write(Team team, int writer, bool prepares)
    {
        var random = new Random(writer);
        for (var round = 0; round < Rounds; round++)
        {
            var stream = $"RMA-{random.Next(Streams)}";
            switch (random.Next(10))
            {
                case 0:
                    await RollBack(stream, random);
                    break;
                case 1 when prepares:
                    await Prepare(stream, $"{Messaging.Topic}-{writer}-{round}", random);
                    break;
                case 2 or 3:
                    await AppendExpecting(team, stream, random);
                    break;
                default:
                    await Work(team, stream, $"key-{random.Next(60)}", random);
                    break;
            }
        }
    }

    // As a request does, with a key that another one may have too; one in six is refused after it has written.
    private static async Task Work(Team team, string stream, string key, Random random)
    {
        var asked = new IdempotentRequest("POST /parcels", []);
        var (pause, facts, fails) = (random.Next(12), random.Next(1, 4), random.Next(6) == 0);
        for (var tries = 0; ; tries++)
        {
            try
            {
                await team.Work(async provider =>
                {
                    var keys = provider.GetRequiredService<IdempotencyKeys>();
                    if (await keys.Claim(key, asked, CancellationToken.None) is not KeyClaim.Claimed) return;
                    provider.GetRequiredService<ParcelDb>().Receipts.Add(new Receipt { ReturnId = stream, Number = 0 });
                    for (var number = 0; number < facts; number++)
                        provider.GetRequiredService<Facts>().Record($"RMA-{(number + pause) % Streams}", new ParcelSent(stream, number), Coordination.Event);
                    await Task.Delay(pause);
                    if (fails) throw new InvalidOperationException("refused");
                    keys.Answer(key, asked, new StoredAnswer(204, null, null));
                });
                return;
            }
            catch (InvalidOperationException exception) when (exception.Message == "refused")
            {
                return;
            }
            catch (Exception exception) when (UnitOfWork.IsLostRace(exception) && tries < 50)
            {
                // Four attempts are not enough where eight write to five streams.
            }
        }
    }

    private static async Task AppendExpecting(Team team, string stream, Random random)
    {
        var pause = random.Next(12);
        await Eventually.Within(Limit, async () =>
        {
            await using var scope = team.Services.CreateAsyncScope();
            var streams = scope.ServiceProvider.GetRequiredService<EventStreams>();
            var version = (await streams.ReadStream(stream, null, CancellationToken.None)).Count;
            await using var transaction = await scope.ServiceProvider.GetRequiredService<DbContext>().Database.BeginTransactionAsync();
            if (await streams.Append(stream, version, [EventStoreFixture.NewEvent(stream)], CancellationToken.None) != AppendResult.Appended) return false;
            await Task.Delay(pause);
            await transaction.CommitAsync();
            return true;
        }, "an append without a conflict");
    }

    private async Task RollBack(string stream, Random random)
    {
        await using var transaction = await RawTransaction.Begin(Database);
        await transaction.WriteElsewhere();
        await Task.Delay(random.Next(12));
        try
        {
            await transaction.Append(stream, 1_000_000);
            await Task.Delay(random.Next(12));
        }
        catch (PostgresException)
        {
            // Another one's rolled back version stood there for a moment.
        }

        await transaction.Rollback();
    }

    private async Task Prepare(string stream, string name, Random random)
    {
        var committed = false;
        while (!committed)
        {
            var version = await Ask<int>($"select coalesce(max(stream_version), 0) + 1 from ese.event_log where stream_id = '{stream}'");
            await using var transaction = await RawTransaction.Begin(Database);
            try
            {
                await transaction.Append(stream, version);
            }
            catch (PostgresException conflict) when (UnitOfWork.IsLostRace(conflict))
            {
                continue;
            }

            await transaction.Execute($"prepare transaction '{name}'");
            await Task.Delay(random.Next(30));
            committed = random.Next(3) > 0;
            await transaction.Execute(committed ? $"commit prepared '{name}'" : $"rollback prepared '{name}'");
        }
    }

    private async Task<List<(long Position, string Stream, int Version)>> Written()
    {
        await using var connection = new NpgsqlConnection(Database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select position, stream_id, stream_version from ese.event_log order by position", connection);
        await using var reader = await command.ExecuteReaderAsync();
        var written = new List<(long, string, int)>();
        while (await reader.ReadAsync()) written.Add((reader.GetInt64(0), reader.GetString(1), reader.GetInt32(2)));
        return written;
    }

    private static int Version(BrokerRecord record) => CloudEvent.Read(record.Value, new EventTypes(ParcelDb.Contracts)).StreamVersion;

    private static async Task<List<RecordedEvent>> Follow(Team team, string? type, int count, CancellationToken cancellationToken)
    {
        var seen = new List<RecordedEvent>();
        await foreach (var e in team.Log.Follow(0, type, cancellationToken))
        {
            seen.Add(e);
            if (seen.Count == count) break;
        }

        return seen;
    }

    private static Task Gather(IAsyncEnumerable<RecordedEvent> events, ConcurrentQueue<RecordedEvent> seen) => Task.Run(async () =>
    {
        try
        {
            await foreach (var e in events) seen.Enqueue(e);
        }
        catch (OperationCanceledException)
        {
        }
        catch (NpgsqlException)
        {
            // A cancelled query may also show so.
        }
    });
}
