using EseErp.EventStore;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EseErp.Messaging.Tests;

public sealed class SetInsertTests(EventStoreFixture store) : IClassFixture<EventStoreFixture>
{
    [Fact]
    public async Task Should_write_new_rows_of_one_table_with_one_statement_whatever_their_columns()
    {
        var name = Guid.NewGuid().ToString("N");
        var crates = Enumerable.Range(0, 20).Select(number => Crate(name, number)).ToList();
        await store.Team.Work(provider => Task.Run(() => provider.GetRequiredService<ParcelDb>().Crates.AddRange(crates)));

        await using var scope = store.Team.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ParcelDb>();
        var written = await db.Crates.AsNoTracking().Where(crate => crate.Id.StartsWith(name)).OrderBy(crate => crate.Id).ToListAsync();
        written.Select(Said).ShouldBe(crates.Select(Said));
        // The rows of one statement bear the number of that statement within its transaction.
        (await db.Database.SqlQuery<int>($"select count(distinct cmin::text)::int as \"Value\" from crates where id like {name + "%"}").SingleAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task Should_write_what_is_no_set_as_well_in_the_same_unit_of_work()
    {
        var name = Guid.NewGuid().ToString("N");
        await store.Team.Work(provider => Task.Run(() => provider.GetRequiredService<ParcelDb>().Shelves.Add(new Shelf { Sku = name, Stock = 1 })));
        await store.Team.Work(async provider =>
        {
            var db = provider.GetRequiredService<ParcelDb>();
            (await db.Shelves.SingleAsync(shelf => shelf.Sku == name)).Stock = 7;
            db.Receipts.AddRange(Enumerable.Range(0, 10).Select(number => new Receipt { ReturnId = name, Number = number }));
            db.Crates.AddRange(Enumerable.Range(0, 10).Select(number => Crate(name, number)));
            db.Shelves.AddRange(Enumerable.Range(0, 3).Select(number => new Shelf { Sku = $"{name}-{number}", Stock = number }));
        });

        await using var scope = store.Team.Services.CreateAsyncScope();
        var written = scope.ServiceProvider.GetRequiredService<ParcelDb>();
        (await written.Shelves.SingleAsync(shelf => shelf.Sku == name)).Stock.ShouldBe(7);
        (await written.Shelves.CountAsync(shelf => shelf.Sku.StartsWith(name))).ShouldBe(4);
        (await written.Crates.CountAsync(crate => crate.Id.StartsWith(name))).ShouldBe(10);
        (await written.Receipts.CountAsync(receipt => receipt.ReturnId == name)).ShouldBe(10);
    }

    [Fact]
    public async Task Should_run_again_when_somebody_else_has_written_one_of_the_rows()
    {
        var name = Guid.NewGuid().ToString("N");
        await store.Team.Work(provider => Task.Run(() => provider.GetRequiredService<ParcelDb>().Crates.Add(Crate(name, 5))));
        var attempts = 0;
        await store.Team.Work(async provider =>
        {
            var db = provider.GetRequiredService<ParcelDb>();
            // Looks only at the second attempt, as if the other had come in between.
            var there = ++attempts == 1 ? [] : await db.Crates.Where(crate => crate.Id.StartsWith(name)).Select(crate => crate.Id).ToListAsync();
            db.Crates.AddRange(Enumerable.Range(0, 10).Select(number => Crate(name, number)).Where(crate => !there.Contains(crate.Id)));
        });

        attempts.ShouldBe(2);
        await using var scope = store.Team.Services.CreateAsyncScope();
        (await scope.ServiceProvider.GetRequiredService<ParcelDb>().Crates.CountAsync(crate => crate.Id.StartsWith(name))).ShouldBe(10);
    }

    private static Crate Crate(string name, int number) => new()
    {
        Id = $"{name}-{number:00}",
        Kind = (DayOfWeek)(number % 7),
        Owner = number % 2 == 0 ? null : Guid.NewGuid(),
        Parcels = number % 3 == 0 ? null : number,
        Weight = number + 0.25m,
        Sealed = number % 2 == 1,
        Packed = number % 4 == 0 ? null : DateTimeOffset.UnixEpoch.AddDays(20_000).AddSeconds(number),
        Place = long.MaxValue - number,
        Content = number % 5 == 0 ? null : new ParcelSent($"RMA-\"{number}\"", number),
    };

    private static object Said(Crate crate) => (crate.Id, crate.Kind, crate.Owner, crate.Parcels, crate.Weight, crate.Sealed, crate.Packed, crate.Place, crate.Content);
}
