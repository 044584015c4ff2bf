using System.Globalization;
using EseErp.EventStore;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EseErp.Messaging.Tests;

public sealed class SetWriteTests(EventStoreFixture store) : IClassFixture<EventStoreFixture>
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
    public async Task Should_change_the_same_columns_of_many_rows_with_one_statement()
    {
        var name = Guid.NewGuid().ToString("N");
        var crates = Enumerable.Range(0, 20).Select(number => Crate(name, number)).ToList();
        await store.Team.Work(provider => Task.Run(() => provider.GetRequiredService<ParcelDb>().Crates.AddRange(crates)));
        await store.Team.Work(async provider =>
        {
            var db = provider.GetRequiredService<ParcelDb>();
            foreach (var crate in await db.Crates.Where(crate => crate.Id.StartsWith(name)).OrderBy(crate => crate.Id).Take(15).ToListAsync()) Change(crate);
        });

        foreach (var crate in crates.Take(15)) Change(crate);
        await using var scope = store.Team.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ParcelDb>();
        var written = await db.Crates.AsNoTracking().Where(crate => crate.Id.StartsWith(name)).OrderBy(crate => crate.Id).ToListAsync();
        written.Select(Said).ShouldBe(crates.Select(Said));
        (await db.Database.SqlQuery<int>($"select count(distinct (xmin::text, cmin::text))::int as \"Value\" from crates where id like {name + "%"}").SingleAsync())
            .ShouldBe(2, "one statement for what is as it was, one for what changed");

        static void Change(Crate crate)
        {
            var number = int.Parse(crate.Id[^2..], CultureInfo.InvariantCulture);
            crate.Parcels = crate.Parcels is null ? number : null;
            crate.Content = new ParcelSent("changed", number);
            // EF Core compares what is in the list and in the documents.
            crate.Marks = [.. crate.Marks, $"changed \"{number}\""];
            crate.Days = [DayOfWeek.Sunday, .. crate.Days];
            crate.Legs = [new Leg { From = "Ulm", Kilometres = number }];
        }
    }

    [Fact]
    public async Task Should_change_different_columns_of_many_rows_in_one_unit_of_work()
    {
        var name = Guid.NewGuid().ToString("N");
        var crates = Enumerable.Range(0, 30).Select(number => Crate(name, number)).ToList();
        await store.Team.Work(provider => Task.Run(() => provider.GetRequiredService<ParcelDb>().Crates.AddRange(crates)));
        await store.Team.Work(async provider =>
        {
            var db = provider.GetRequiredService<ParcelDb>();
            foreach (var crate in await db.Crates.Where(crate => crate.Id.StartsWith(name)).ToListAsync()) Change(crate);
            db.Crates.Remove(await db.Crates.SingleAsync(crate => crate.Id == $"{name}-29"));
        });

        crates.RemoveAt(29);
        crates.ForEach(Change);
        await using var scope = store.Team.Services.CreateAsyncScope();
        var written = await scope.ServiceProvider.GetRequiredService<ParcelDb>().Crates.AsNoTracking()
            .Where(crate => crate.Id.StartsWith(name)).OrderBy(crate => crate.Id).ToListAsync();
        written.Select(Said).ShouldBe(crates.Select(Said));

        static void Change(Crate crate)
        {
            var number = int.Parse(crate.Id[^2..], CultureInfo.InvariantCulture);
            if (number % 2 == 0) crate.Parcels = 1000 + number;
            if (number % 3 == 0) crate.Marks = [];
            if (number % 5 == 0) crate.Content = null;
        }
    }

    [Fact]
    public async Task Should_say_so_when_a_row_to_change_is_not_there_any_more()
    {
        var name = Guid.NewGuid().ToString("N");
        await store.Team.Work(provider => Task.Run(() => provider.GetRequiredService<ParcelDb>().Crates.AddRange(
            Enumerable.Range(0, 10).Select(number => Crate(name, number)))));
        await using var scope = store.Team.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ParcelDb>();
        foreach (var crate in await db.Crates.Where(crate => crate.Id.StartsWith(name)).ToListAsync()) crate.Parcels = -1;
        await using (var another = store.Team.Services.CreateAsyncScope())
            await another.ServiceProvider.GetRequiredService<ParcelDb>().Crates.Where(crate => crate.Id == $"{name}-03").ExecuteDeleteAsync();

        await Should.ThrowAsync<DbUpdateConcurrencyException>(() => db.SaveChangesAsync());

        await using var after = store.Team.Services.CreateAsyncScope();
        (await after.ServiceProvider.GetRequiredService<ParcelDb>().Crates.CountAsync(crate => crate.Id.StartsWith(name) && crate.Parcels == -1)).ShouldBe(0);
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
        Days = [.. Enumerable.Range(0, number % 3).Select(day => (DayOfWeek)day)],
        Marks = number % 4 == 0 ? [] : ["", "null", $"{{a,\"b\\{number}\"}}", "é ✓"],
        Legs = [.. Enumerable.Range(0, number % 4).Select(leg => new Leg { From = $"\"{leg}\"", Kilometres = leg + 0.5m })],
    };

    private static object Said(Crate crate) => (crate.Id, crate.Kind, crate.Owner, crate.Parcels, crate.Weight, crate.Sealed, crate.Packed, crate.Place, crate.Content,
        string.Join('|', crate.Days), string.Join('|', crate.Marks), string.Join('|', crate.Legs.Select(leg => (leg.From, leg.Kilometres))));
}
