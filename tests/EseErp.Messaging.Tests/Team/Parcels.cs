using System.Collections.Concurrent;
using System.Text.Json;
using EseErp.EventStore;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Messaging.Tests;

/// <summary>What the test team publishes.</summary>
public sealed record ParcelSent(string ReturnId, int Number, bool Acknowledge = false);

/// <summary>What it answers when asked to.</summary>
public sealed record ParcelReceived(string ReturnId, int Number);

/// <summary>A fact that has changed twice since it was first published.</summary>
public sealed record ParcelLost(string ReturnId);

/// <summary>Since version 2 it says where.</summary>
public sealed record ParcelLostV2(string ReturnId, string Where);

/// <summary>Since version 3 it says how often one has looked for it.</summary>
public sealed record ParcelLostV3(string ReturnId, string Where, int Searches);

/// <summary>A parcel's record was set aside.</summary>
public sealed record ParcelStuck(string Key, string Team, string Group, long LetterId, string? EventType, string Reason);

/// <summary>And what became of it.</summary>
public sealed record ParcelFreed(string Key, long LetterId, string Outcome, string? Note, string? By);

/// <summary>A row per applied event; two for an event that was applied twice.</summary>
public sealed class Receipt
{
    public long Id { get; private set; }

    public required string ReturnId { get; init; }

    public required int Number { get; init; }

    /// <summary>The transaction that wrote it.</summary>
    public string Xid { get; private set; } = "";
}

/// <summary>A row that many returns share.</summary>
public sealed class Shelf
{
    public required string Sku { get; init; }

    public int Stock { get; set; }
}

/// <summary>A row with columns of every kind that a team's rows have.</summary>
public sealed class Crate
{
    public required string Id { get; init; }

    public DayOfWeek Kind { get; init; }

    public Guid? Owner { get; init; }

    public int? Parcels { get; set; }

    public decimal Weight { get; init; }

    public bool Sealed { get; init; }

    public DateTimeOffset? Packed { get; init; }

    public long Place { get; init; }

    public ParcelSent? Content { get; set; }

    public List<DayOfWeek> Days { get; set; } = [];

    public List<string> Marks { get; set; } = [];

    public List<Leg> Legs { get; set; } = [];
}

/// <summary>Part of a crate's way, kept in the crate's own row.</summary>
public sealed class Leg
{
    public required string From { get; init; }

    public decimal Kilometres { get; init; }
}

public sealed class ParcelDb(DbContextOptions<ParcelDb> options) : DbContext(options)
{
    public static IReadOnlyDictionary<string, Type> Contracts { get; } = new Dictionary<string, Type>
    {
        ["ese.parcels.parcel-sent.v1"] = typeof(ParcelSent),
        ["ese.parcels.parcel-received.v1"] = typeof(ParcelReceived),
        ["ese.parcels.parcel-lost.v1"] = typeof(ParcelLost),
        ["ese.parcels.parcel-lost.v2"] = typeof(ParcelLostV2),
        ["ese.parcels.parcel-lost.v3"] = typeof(ParcelLostV3),
        ["ese.parcels.parcel-stuck.v1"] = typeof(ParcelStuck),
        ["ese.parcels.parcel-freed.v1"] = typeof(ParcelFreed),
    };

    public static IReadOnlyDictionary<Type, (Type Next, Func<object, object> Upcast)> Upcasters { get; } =
        new Dictionary<Type, (Type Next, Func<object, object> Upcast)>
        {
            [typeof(ParcelLost)] = (typeof(ParcelLostV2), earlier => new ParcelLostV2(((ParcelLost)earlier).ReturnId, "somewhere")),
            [typeof(ParcelLostV2)] = (typeof(ParcelLostV3), earlier => new ParcelLostV3(((ParcelLostV2)earlier).ReturnId, ((ParcelLostV2)earlier).Where, 0)),
        };

    public DbSet<Receipt> Receipts => Set<Receipt>();

    public DbSet<Shelf> Shelves => Set<Shelf>();

    public DbSet<Crate> Crates => Set<Crate>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Receipt>(receipt =>
        {
            receipt.ToTable("receipts");
            receipt.Property(r => r.Id).HasColumnName("id");
            receipt.Property(r => r.ReturnId).HasColumnName("return_id");
            receipt.Property(r => r.Number).HasColumnName("number");
            receipt.Property(r => r.Xid).HasColumnName("xid").HasDefaultValueSql();
        });
        modelBuilder.Entity<Shelf>(shelf =>
        {
            shelf.ToTable("shelves");
            shelf.HasKey(s => s.Sku);
            shelf.Property(s => s.Sku).HasColumnName("sku");
            shelf.Property(s => s.Stock).HasColumnName("stock");
        });
        modelBuilder.Entity<Crate>(crate =>
        {
            crate.ToTable("crates");
            crate.Property(c => c.Id).HasColumnName("id").HasMaxLength(40).UseCollation("C");
            crate.Property(c => c.Kind).HasColumnName("kind").HasConversion<string>().HasMaxLength(20);
            crate.Property(c => c.Owner).HasColumnName("owner");
            crate.Property(c => c.Parcels).HasColumnName("parcels");
            crate.Property(c => c.Weight).HasColumnName("weight").HasColumnType("numeric");
            crate.Property(c => c.Sealed).HasColumnName("sealed");
            crate.Property(c => c.Packed).HasColumnName("packed");
            crate.Property(c => c.Place).HasColumnName("place");
            crate.Property(c => c.Content).HasColumnName("content").HasColumnType("jsonb").HasConversion(
                content => JsonSerializer.Serialize(content, EventJson.Options), text => JsonSerializer.Deserialize<ParcelSent>(text, EventJson.Options)!);
            crate.PrimitiveCollection(c => c.Days).HasColumnName("days").ElementType().HasConversion<string>();
            crate.PrimitiveCollection(c => c.Marks).HasColumnName("marks");
            crate.OwnsMany(c => c.Legs, leg => leg.ToJson("legs"));
        });
    }
}

/// <summary>What a test wants the consumer to do, and what it did.</summary>
public sealed class Script
{
    /// <summary>Runs before a parcel is noted; may throw or wait.</summary>
    public Func<ParcelSent, CancellationToken, Task> Before { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>A statement to run before a parcel is noted, in its transaction; null for none.</summary>
    public Func<ParcelSent, string?> Sql { get; set; } = _ => null;

    /// <summary>The lost parcels it was told of.</summary>
    public ConcurrentQueue<ParcelLostV3> Lost { get; } = [];
}

/// <summary>Notes a parcel, and answers if asked to.</summary>
public class WhenParcelSent(ParcelDb db, Facts facts, Script script) : IConsumer<ParcelSent>
{
    public async Task Consume(ConsumeContext<ParcelSent> context)
    {
        var parcel = context.Message;
        await script.Before(parcel, context.CancellationToken);
        if (script.Sql(parcel) is { } sql) await db.Database.ExecuteSqlRawAsync(sql, context.CancellationToken);
        db.Receipts.Add(new Receipt { ReturnId = parcel.ReturnId, Number = parcel.Number });
        if (parcel.Acknowledge) facts.Record(parcel.ReturnId, new ParcelReceived(parcel.ReturnId, parcel.Number), Coordination.Event);
    }
}

/// <summary>The same, and gives up soon.</summary>
[Retry(Attempts, FirstPauseMilliseconds = 10, LongestPauseMilliseconds = 50)]
public sealed class ImpatientWhenParcelSent(ParcelDb db, Facts facts, Script script) : WhenParcelSent(db, facts, script)
{
    public const int Attempts = 3;
}

/// <summary>The same, and does not give up while a test runs.</summary>
[Retry(100)]
public sealed class PatientWhenParcelSent(ParcelDb db, Facts facts, Script script) : WhenParcelSent(db, facts, script);

/// <summary>The same, and waits long before it tries again.</summary>
[Retry(4, FirstPauseMilliseconds = 60_000, LongestPauseMilliseconds = 60_000)]
public sealed class SlowWhenParcelSent(ParcelDb db, Facts facts, Script script) : WhenParcelSent(db, facts, script)
{
    public const int Attempts = 4;
}

/// <summary>Is told of dead letters, and fails on that.</summary>
[Retry(1)]
public sealed class WhenParcelIsStuck : IConsumer<ParcelStuck>
{
    public Task Consume(ConsumeContext<ParcelStuck> context) => throw new InvalidOperationException("a bug here as well");
}

/// <summary>Notes how often one has looked for a lost parcel; knows its newest version only.</summary>
public sealed class WhenParcelLost(ParcelDb db, Script script) : IConsumer<ParcelLostV3>
{
    public Task Consume(ConsumeContext<ParcelLostV3> context)
    {
        script.Lost.Enqueue(context.Message);
        db.Receipts.Add(new Receipt { ReturnId = context.Message.ReturnId, Number = context.Message.Searches });
        return Task.CompletedTask;
    }
}

/// <summary>The same, before there was a third version.</summary>
public sealed class WhenParcelLostBefore(ParcelDb db) : IConsumer<ParcelLostV2>
{
    public Task Consume(ConsumeContext<ParcelLostV2> context)
    {
        db.Receipts.Add(new Receipt { ReturnId = context.Message.ReturnId, Number = 0 });
        return Task.CompletedTask;
    }
}

/// <summary>Consumes a version that another has replaced, which no consumer may.</summary>
public sealed class WhenParcelLostLongAgo : IConsumer<ParcelLost>
{
    public Task Consume(ConsumeContext<ParcelLost> context) => Task.CompletedTask;
}
