using EseErp.EventStore;
using EseErp.ServiceDefaults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using static EseErp.Messaging.Tests.EventStoreFixture;

namespace EseErp.Messaging.Tests;

public sealed class UnitOfWorkTests(EventStoreFixture store) : IClassFixture<EventStoreFixture>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Should_commit_state_and_facts_together_or_not_at_all()
    {
        var stream = NewStream();
        await Should.ThrowAsync<InvalidOperationException>(() => store.Team.Work(async provider =>
        {
            var db = provider.GetRequiredService<ParcelDb>();
            db.Receipts.Add(new Receipt { ReturnId = stream, Number = 1 });
            provider.GetRequiredService<Facts>().Record(stream, new ParcelSent(stream, 1), Coordination.Event);
            await db.SaveChangesAsync();
            await provider.GetRequiredService<EventStreams>().Append(stream, 0, [NewEvent(stream)], CancellationToken.None);
            throw new InvalidOperationException("after everything was written");
        }));

        (await store.ReadStream(stream)).ShouldBeEmpty();
        (await store.Team.Receipts()).ShouldNotContain(receipt => receipt.ReturnId == stream);
    }

    [Fact]
    public async Task Should_write_everything_in_a_rehearsal_and_keep_nothing_of_it()
    {
        var stream = NewStream();
        await store.Team.Work(provider => Change(provider, stream));
        var (places, signalled) = (await Places(), store.Team.Services.GetRequiredService<EventLogSignal>().Next());

        var rehearsed = NewStream();
        await Rehearsal.Run(async () =>
        {
            await store.Team.Work(provider => Change(provider, rehearsed));
            // What the unit before has written is not there, and is changed all the same.
            await store.Team.Work(provider =>
            {
                var shelf = new Shelf { Sku = rehearsed, Stock = 1 };
                provider.GetRequiredService<ParcelDb>().Attach(shelf);
                shelf.Stock = 2;
                PendingWrites.Of(provider.GetRequiredService<DbContext>())
                    .Require(1, "select from shelves where sku = $1", parameters => parameters.Add(new NpgsqlParameter<string> { TypedValue = rehearsed }));
                return Task.CompletedTask;
            });
        });

        (await store.ReadStream(rehearsed)).ShouldBeEmpty();
        (await Places()).ShouldBe(places);
        signalled.IsCompleted.ShouldBeFalse();
        await Should.ThrowAsync<Exception>(() => Stock(rehearsed));
        (await Stock(stream)).ShouldBe(3);

        await store.Team.Work(provider => Change(provider, rehearsed));
        (await store.ReadStream(rehearsed)).ShouldHaveSingleItem();

        static Task Change(IServiceProvider provider, string key)
        {
            provider.GetRequiredService<ParcelDb>().Add(new Shelf { Sku = key, Stock = 3 });
            provider.GetRequiredService<Facts>().Record(key, new ParcelSent(key, 1), Coordination.Event);
            return Task.CompletedTask;
        }

        async Task<long> Places()
        {
            await using var command = store.Team.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand("select last_value from ese.event_log_position_seq");
            return (long)(await command.ExecuteScalarAsync())!;
        }
    }

    [Fact]
    public async Task Should_run_again_when_a_race_was_lost_and_leave_no_trace_of_the_first_attempt()
    {
        var stream = NewStream();
        var attempts = 0;
        await store.Team.Work(async provider =>
        {
            attempts++;
            provider.GetRequiredService<ParcelDb>().Receipts.Add(new Receipt { ReturnId = stream, Number = attempts });
            provider.GetRequiredService<Facts>().Record(stream, new ParcelSent(stream, attempts), Coordination.Event);
            // Somebody else gets there first, once.
            if (attempts == 1) await provider.GetRequiredService<EventStreams>().Append(stream, 0, [NewEvent(stream)], CancellationToken.None);
            if (attempts == 1) throw new VersionConflictException();
        });

        attempts.ShouldBe(2);
        (await store.ReadStream(stream)).ShouldHaveSingleItem().Data.ShouldContain("\"number\":2");
        (await store.Team.Receipts()).Where(receipt => receipt.ReturnId == stream).ShouldHaveSingleItem().Number.ShouldBe(2);
    }

    [Fact]
    public async Task Should_not_run_again_for_any_other_failure()
    {
        var attempts = 0;
        await Should.ThrowAsync<InvalidOperationException>(() => store.Team.Work(_ =>
        {
            attempts++;
            throw new InvalidOperationException("a rule was broken");
        }));
        attempts.ShouldBe(1);
    }

    [Fact]
    public async Task Should_see_in_a_second_unit_what_others_committed_since_the_first()
    {
        var sku = NewStream();
        await AddShelf(sku, 10);
        await using var scope = store.Team.Services.CreateAsyncScope();
        var unit = scope.ServiceProvider.GetRequiredService<UnitOfWork>();
        var documents = scope.ServiceProvider.GetRequiredService<Documents>();
        (await unit.Run(token => documents.Find<Shelf>(sku, token).AsTask(), CancellationToken.None))!.Stock.ShouldBe(10);
        await store.Execute($"update shelves set stock = 7 where sku = '{sku}'");

        await unit.Run(async token => (await documents.Find<Shelf>(sku, token))!.Stock -= 1, CancellationToken.None);

        (await Stock(sku)).ShouldBe(6);
    }

    [Fact]
    public async Task Should_not_commit_in_the_next_unit_what_a_failed_one_left_behind()
    {
        var stream = NewStream();
        await using var scope = store.Team.Services.CreateAsyncScope();
        var unit = scope.ServiceProvider.GetRequiredService<UnitOfWork>();
        await Should.ThrowAsync<InvalidOperationException>(() => unit.Run(_ =>
        {
            scope.ServiceProvider.GetRequiredService<ParcelDb>().Receipts.Add(new Receipt { ReturnId = stream, Number = 1 });
            scope.ServiceProvider.GetRequiredService<Facts>().Record(stream, new ParcelSent(stream, 1), Coordination.Event);
            throw new InvalidOperationException("a partner refused");
        }, CancellationToken.None));

        await unit.Run(_ => Task.CompletedTask, CancellationToken.None);

        (await store.ReadStream(stream)).ShouldBeEmpty();
        (await store.Team.Receipts()).ShouldNotContain(receipt => receipt.ReturnId == stream);
    }

    [Fact]
    public async Task Should_not_deadlock_when_two_batches_load_the_same_rows_in_crossed_order()
    {
        var (first, second) = ($"a{NewStream()}", $"b{NewStream()}");
        await AddShelf(first, 0);
        await AddShelf(second, 0);
        var runs = 0;

        await Task.WhenAll(Enumerable.Range(0, 2).Select(worker => Task.Run(async () =>
        {
            for (var round = 0; round < 40; round++)
                await store.Team.Work(async provider =>
                {
                    Interlocked.Increment(ref runs);
                    var documents = provider.GetRequiredService<Documents>();
                    await documents.Load<Shelf>(worker == 0 ? [first, second] : [second, first], CancellationToken.None);
                    (await documents.Find<Shelf>(first, CancellationToken.None))!.Stock++;
                    (await documents.Find<Shelf>(second, CancellationToken.None))!.Stock++;
                });
        }))).WaitAsync(Limit);

        // A deadlock would have been run again and so counted.
        runs.ShouldBe(80);
        (await Stock(first)).ShouldBe(80);
        (await Stock(second)).ShouldBe(80);
    }

    [Fact]
    public async Task Should_find_nothing_for_an_unknown_key_and_what_was_added_in_the_same_unit()
    {
        var sku = NewStream();
        await store.Team.Work(async provider =>
        {
            var documents = provider.GetRequiredService<Documents>();
            (await documents.Find<Shelf>(sku, CancellationToken.None)).ShouldBeNull();
            documents.Add(sku, new Shelf { Sku = sku, Stock = 3 });
            (await documents.Find<Shelf>(sku, CancellationToken.None))!.Stock.ShouldBe(3);
        });
        (await Stock(sku)).ShouldBe(3);
    }

    [Fact]
    public async Task Should_look_up_documents_and_early_facts_anew_in_another_attempt()
    {
        var sku = NewStream();
        var attempts = 0;
        await store.Team.Work(async provider =>
        {
            var documents = provider.GetRequiredService<Documents>();
            var facts = provider.GetRequiredService<EarlyFacts>();
            var shelf = await documents.Find<Shelf>(sku, CancellationToken.None);
            var early = await facts.Take(sku, CancellationToken.None);
            if (++attempts == 1)
            {
                facts.Remember(sku, new ParcelSent(sku, 9));
                await AddShelf(sku, 1);
                throw new VersionConflictException();
            }

            shelf.ShouldNotBeNull();
            early.ShouldBeEmpty();
        });
        attempts.ShouldBe(2);
    }

    [Fact]
    public async Task Should_hand_out_early_facts_once_and_in_the_order_they_came()
    {
        var stream = NewStream();
        var sent = Enumerable.Range(0, 20).Select(number => new ParcelSent(stream, number)).ToList();
        // Several transactions, several facts each within one millisecond.
        foreach (var batch in sent.Chunk(5))
            await store.Team.Work(provider =>
            {
                foreach (var fact in batch) provider.GetRequiredService<EarlyFacts>().Remember(stream, fact);
                return Task.CompletedTask;
            });

        (await Take()).ShouldBe(sent);
        (await Take()).ShouldBeEmpty();

        Task<IReadOnlyList<object>> Take() =>
            store.Team.Work((provider, token) => provider.GetRequiredService<EarlyFacts>().Take(stream, token));
    }

    [Fact]
    public async Task Should_forget_no_early_fact_when_the_taker_is_rolled_back()
    {
        var stream = NewStream();
        await store.Team.Work(provider =>
        {
            provider.GetRequiredService<EarlyFacts>().Remember(stream, new ParcelSent(stream, 1));
            return Task.CompletedTask;
        });
        await Should.ThrowAsync<InvalidOperationException>(() => store.Team.Work(async provider =>
        {
            (await provider.GetRequiredService<EarlyFacts>().Take(stream, CancellationToken.None)).Count.ShouldBe(1);
            throw new InvalidOperationException("no");
        }));

        (await store.Team.Work((provider, token) => provider.GetRequiredService<EarlyFacts>().Take(stream, token))).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("40P01", true, true)]
    [InlineData("23505", true, false)]
    [InlineData("40001", true, true)]
    [InlineData("57P01", false, true)]
    [InlineData("57P03", false, true)]
    [InlineData("53300", false, true)]
    [InlineData("23503", false, false)]
    [InlineData("42P01", false, false)]
    [InlineData("25P03", false, true)]
    public void Should_tell_a_lost_race_and_an_outage_from_a_mistake(string state, bool lostRace, bool outage)
    {
        var failure = new DbUpdateException("saving", new PostgresException("text", "ERROR", "ERROR", state));
        UnitOfWork.IsLostRace(failure).ShouldBe(lostRace);
        UnitOfWork.IsOutage(failure).ShouldBe(outage);
    }

    [Fact]
    public void Should_not_take_a_consumers_own_timeout_for_an_outage_of_the_database() =>
        UnitOfWork.IsOutage(new TimeoutException("a partner did not answer")).ShouldBeFalse();

    private Task AddShelf(string sku, int stock) => store.Execute($"insert into shelves (sku, stock) values ('{sku}', {stock})");

    private Task<int> Stock(string sku) => store.Team.Work((provider, token) =>
        provider.GetRequiredService<ParcelDb>().Shelves.Where(shelf => shelf.Sku == sku).Select(shelf => shelf.Stock).SingleAsync(token));
}
