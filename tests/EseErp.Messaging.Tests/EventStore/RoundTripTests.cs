using System.Diagnostics;
using EseErp.EventStore;
using Microsoft.Extensions.DependencyInjection;
using static EseErp.Messaging.Tests.EventStoreFixture;

namespace EseErp.Messaging.Tests;

/// <summary>What a unit of work costs: one round trip to begin and read, one to write and commit.</summary>
public sealed class RoundTripTests(EventStoreFixture store) : IClassFixture<EventStoreFixture>
{
    [Fact]
    public async Task Should_read_in_one_round_trip_and_write_and_commit_in_another()
    {
        var (kept, gone) = (NewStream(), NewStream());
        await store.Execute($"insert into shelves (sku, stock) values ('{kept}', 1)");
        var counted = await Count(() => store.Team.Work(async provider =>
        {
            var (documents, reads) = (provider.GetRequiredService<Documents>(), provider.GetRequiredService<BatchReads>());
            documents.Want<Shelf>([kept, gone], reads);
            provider.GetRequiredService<EarlyFacts>().Want([kept], reads);
            await reads.Execute(CancellationToken.None);

            (await documents.Find<Shelf>(gone, CancellationToken.None)).ShouldBeNull();
            (await documents.Find<Shelf>(kept, CancellationToken.None))!.Stock = 2;
            documents.Add(gone, new Shelf { Sku = gone, Stock = 5 });
            provider.GetRequiredService<Facts>().Record(kept, new ParcelSent(kept, 1), Coordination.Event);
            provider.GetRequiredService<Facts>().Record(gone, new ParcelSent(gone, 1), Coordination.Event);
        }));

        counted.ShouldBe(2);
        (await store.ReadStream(kept)).ShouldHaveSingleItem();
        (await store.ReadStream(gone)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Should_claim_a_key_with_the_first_and_answer_it_with_the_last()
    {
        var (stream, key) = (NewStream(), Guid.NewGuid().ToString());
        var counted = await Count(() => store.Team.Work(async provider =>
        {
            var keys = provider.GetRequiredService<IdempotencyKeys>();
            (await keys.Claim(key, Asked, CancellationToken.None)).ShouldBeOfType<KeyClaim.Claimed>();
            provider.GetRequiredService<Facts>().Record(stream, new ParcelSent(stream, 1), Coordination.Event);
            keys.Answer(key, Asked, new StoredAnswer(202, null, "{}"));
        }));

        counted.ShouldBe(2);
        await store.Team.Work(async provider =>
        {
            var answered = await provider.GetRequiredService<IdempotencyKeys>().Claim(key, Asked, CancellationToken.None);
            answered.ShouldBe(new KeyClaim.Answered(new StoredAnswer(202, null, "{}")));
        });
    }

    private static IdempotentRequest Asked { get; } = new("POST /parcels", [1]);

    // The driver tells of each time it sends something and waits for the answer.
    private static async Task<int> Count(Func<Task> work)
    {
        var counted = 0;
        using var root = new Activity("counted").SetIdFormat(ActivityIdFormat.W3C).Start();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                // To open a connection of the pool is none.
                if (activity.TraceId == root.TraceId && activity.Tags.Any(tag => tag.Key is "db.statement" or "db.query.text")) Interlocked.Increment(ref counted);
            },
        };
        ActivitySource.AddActivityListener(listener);
        await work();
        return counted;
    }
}
