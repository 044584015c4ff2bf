using System.Text.Json;
using EseErp.Contracts;
using EseErp.Contracts.Sales;
using EseErp.Contracts.UserSupport;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Benchmarks;

/// <summary>
/// The row that a team writes for a request. Its key is its own and not the return's, and nothing makes the return unique:
/// a request that is handled twice leaves two rows, which can be counted.
/// </summary>
public sealed class PeerIntake
{
    public required Guid Id { get; init; }

    public required string ReturnId { get; init; }

    public required string OrderId { get; init; }

    public required string? CustomerId { get; init; }

    public required string Sku { get; init; }

    public required string SerialNumber { get; init; }

    public required string Location { get; init; }

    public required ReturnReason Reason { get; init; }

    public static PeerIntake Of(RefundRequest asked) => new()
    {
        Id = Guid.CreateVersion7(),
        ReturnId = asked.ReturnId,
        OrderId = asked.Order.OrderId,
        CustomerId = asked.CustomerId,
        Sku = asked.Model.Sku,
        SerialNumber = asked.DefectiveItem.SerialNumber,
        Location = asked.Location.Code,
        Reason = asked.Reason,
    };

    public static void Map(ModelBuilder modelBuilder) => modelBuilder.Entity<PeerIntake>(intake =>
    {
        intake.ToTable("peer_intakes").HasKey(i => i.Id);
        intake.Property(i => i.Id).HasColumnName("id").ValueGeneratedNever();
        intake.Property(i => i.ReturnId).HasColumnName("return_id").HasMaxLength(40);
        intake.Property(i => i.OrderId).HasColumnName("order_id").HasMaxLength(40);
        intake.Property(i => i.CustomerId).HasColumnName("customer_id").HasMaxLength(40);
        intake.Property(i => i.Sku).HasColumnName("sku").HasMaxLength(40);
        intake.Property(i => i.SerialNumber).HasColumnName("serial_number").HasMaxLength(60);
        intake.Property(i => i.Location).HasColumnName("location").HasMaxLength(20);
        intake.Property(i => i.Reason).HasColumnName("reason").HasConversion<string>().HasMaxLength(30);
    });
}

/// <summary>A recorded fact, for those who have no event log of their own: what an outbox sends is gone afterwards.</summary>
public sealed class PeerFact
{
    public required Guid Id { get; init; }

    public required string ReturnId { get; init; }

    public required string Type { get; init; }

    public required DateTimeOffset Time { get; init; }

    public required string Data { get; init; }

    public static PeerFact Of(OrderRefundAuthorized fact) => new()
    {
        Id = Guid.CreateVersion7(),
        ReturnId = fact.ReturnId,
        Type = "ese.sales.order-refund-authorized.v1",
        Time = DateTimeOffset.UtcNow,
        Data = JsonSerializer.Serialize(fact, JsonSerializerOptions.Web),
    };
}

/// <summary>The team's database, for those who write through EF Core.</summary>
public class PeerDb(DbContextOptions<PeerDb> options) : DbContext(options)
{
    /// <summary>The tables, as the orchestrator creates them.</summary>
    public const string Schema =
        """
        create table peer_intakes (
            id uuid primary key, return_id varchar(40) not null, order_id varchar(40) not null, customer_id varchar(40), sku varchar(40) not null,
            serial_number varchar(60) not null, location varchar(20) not null, reason varchar(30) not null);
        create table peer_facts (id uuid primary key, return_id varchar(40) not null, type text not null, time timestamptz not null, data json not null);
        """;

    public DbSet<PeerIntake> Intakes => Set<PeerIntake>();

    public DbSet<PeerFact> Facts => Set<PeerFact>();

    /// <summary>Adds the row and the fact of a request, to be saved by whoever owns the transaction.</summary>
    public OrderRefundAuthorized Note(RefundRequest asked)
    {
        var fact = PeerRequests.Answer(asked);
        Intakes.Add(PeerIntake.Of(asked));
        Facts.Add(PeerFact.Of(fact));
        return fact;
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        PeerIntake.Map(modelBuilder);
        modelBuilder.Entity<PeerFact>(fact =>
        {
            fact.ToTable("peer_facts").HasKey(f => f.Id);
            fact.Property(f => f.Id).HasColumnName("id").ValueGeneratedNever();
            fact.Property(f => f.ReturnId).HasColumnName("return_id").HasMaxLength(40);
            fact.Property(f => f.Type).HasColumnName("type");
            fact.Property(f => f.Time).HasColumnName("time");
            fact.Property(f => f.Data).HasColumnName("data").HasColumnType("json");
        });
    }
}
