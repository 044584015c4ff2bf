using EseErp.EventStore;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static EseErp.Messaging.Tests.EventStoreFixture;

namespace EseErp.Messaging.Tests;

/// <summary>What a unit of work has collected and not written is gone with it, though its DbContext is used again.</summary>
public sealed class PendingWritesTests(EventStoreFixture store) : IClassFixture<EventStoreFixture>
{
    private const string AddShelf = "insert into shelves (sku, stock) values ($1, 1)";

    public static TheoryData<string> Failures { get; } = ["the work", "a statement", "the rows", "nobody commits"];

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Should_leave_nothing_to_a_unit_of_work_that_uses_the_context_again(string failure)
    {
        var name = NewStream();
        var used = await Fail(failure, name);

        await InScopeWith(used, async provider =>
        {
            var db = provider.GetRequiredService<ParcelDb>();
            db.Receipts.Add(new Receipt { ReturnId = $"{name}-next", Number = 1 });
            await provider.GetRequiredService<UnitOfWork>().Run(_ => Task.CompletedTask, CancellationToken.None);
        });

        await ShouldHaveOnlyTheNext(name);
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Should_leave_nothing_to_a_scope_that_only_saves_its_context(string failure)
    {
        var name = NewStream();
        var used = await Fail(failure, name);

        await InScopeWith(used, async provider =>
        {
            var db = provider.GetRequiredService<ParcelDb>();
            // A few rows, and a set of them.
            db.Receipts.Add(new Receipt { ReturnId = $"{name}-next", Number = 1 });
            db.Shelves.AddRange(Enumerable.Range(0, 10).Select(number => new Shelf { Sku = $"{name}-next-{number}", Stock = number }));
            await db.SaveChangesAsync();
            // Written when this returns, and not collected for a commit that nobody makes.
            (await Shelves($"{name}-next")).ShouldBe(10);
        });

        await ShouldHaveOnlyTheNext(name);
        (await Shelves($"{name}-next")).ShouldBe(10);
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Should_leave_nothing_to_a_transaction_that_is_committed_by_hand(string failure)
    {
        var name = NewStream();
        var used = await Fail(failure, name);

        await InScopeWith(used, async provider =>
        {
            // As the pump does.
            var db = provider.GetRequiredService<DbContext>();
            await using var transaction = await db.Database.BeginTransactionAsync();
            db.Add(new Receipt { ReturnId = $"{name}-next", Number = 1 });
            await provider.GetRequiredService<UnitOfWork>().Commit(CancellationToken.None);
        });

        await ShouldHaveOnlyTheNext(name);
    }

    /// <summary>Fails in a scope of its own, with a statement, a row, a fact and an early fact on their way.</summary>
    /// <returns>The context it used.</returns>
    private async Task<Guid> Fail(string failure, string name)
    {
        await using var scope = store.Team.Services.CreateAsyncScope();
        var (db, unit) = (scope.ServiceProvider.GetRequiredService<ParcelDb>(), scope.ServiceProvider.GetRequiredService<UnitOfWork>());
        if (failure == "nobody commits")
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            await Begin();
            return db.ContextId.InstanceId;
        }

        await Should.ThrowAsync<Exception>(() => unit.Run(async _ =>
        {
            await Begin();
            if (failure == "the work") throw new InvalidOperationException("a rule was broken");
            if (failure == "a statement") PendingWrites.Of(db).Add("select 1 / 0", _ => { });
            if (failure == "the rows") db.Crates.Add(new Crate { Id = new string('x', 41) });
        }, CancellationToken.None));
        return db.ContextId.InstanceId;

        Task Begin()
        {
            PendingWrites.Of(db).Add(AddShelf, parameters => parameters.AddWithValue(name));
            PendingWrites.Of(db).AtTheEnd(() => PendingWrites.Of(db).Add(AddShelf, parameters => parameters.AddWithValue($"{name}-end")));
            db.Receipts.Add(new Receipt { ReturnId = name, Number = 1 });
            scope.ServiceProvider.GetRequiredService<Facts>().Record(name, new ParcelSent(name, 1), Coordination.Event);
            scope.ServiceProvider.GetRequiredService<EarlyFacts>().Remember(name, new ParcelSent(name, 1));
            return Task.CompletedTask;
        }
    }

    /// <summary>Works in a scope that got the same context from the pool.</summary>
    private async Task InScopeWith(Guid context, Func<IServiceProvider, Task> work)
    {
        var others = new List<AsyncServiceScope>();
        try
        {
            await Eventually.Within(TimeSpan.FromSeconds(10), () =>
            {
                others.Add(store.Team.Services.CreateAsyncScope());
                return Task.FromResult(others[^1].ServiceProvider.GetRequiredService<ParcelDb>().ContextId.InstanceId == context);
            }, "the pool to hand out the same context");
            await work(others[^1].ServiceProvider);
        }
        finally
        {
            foreach (var scope in others) await scope.DisposeAsync();
        }
    }

    private async Task ShouldHaveOnlyTheNext(string name)
    {
        (await store.Team.Receipts()).Where(receipt => receipt.ReturnId.StartsWith(name, StringComparison.Ordinal)).Select(receipt => receipt.ReturnId).ShouldBe([$"{name}-next"]);
        (await Shelves(name)).ShouldBe(await Shelves($"{name}-next"));
        (await store.ReadStream(name)).ShouldBeEmpty();
        (await store.Team.Work((provider, token) => provider.GetRequiredService<EarlyFacts>().Take(name, token))).ShouldBeEmpty();
    }

    private async Task<int> Shelves(string prefix)
    {
        await using var scope = store.Team.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<ParcelDb>().Shelves.CountAsync(shelf => shelf.Sku.StartsWith(prefix));
    }
}
