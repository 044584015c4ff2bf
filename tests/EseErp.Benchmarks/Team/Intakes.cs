using EseErp.Contracts;
using EseErp.Contracts.UserSupport;
using MassTransit;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Benchmarks;

/// <summary>What the benchmark's team keeps of a refund request: one row, as a real team's first reaction writes.</summary>
public sealed class Intake
{
    public required string ReturnId { get; init; }

    public required string OrderId { get; init; }

    public required string? CustomerId { get; init; }

    public required string Sku { get; init; }

    public required string SerialNumber { get; init; }

    public required string Location { get; init; }

    public required ReturnReason Reason { get; init; }
}

public sealed class IntakeDb(DbContextOptions<IntakeDb> options) : DbContext(options)
{
    public DbSet<Intake> Intakes => Set<Intake>();

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.Entity<Intake>(intake =>
    {
        intake.ToTable("intakes").HasKey(i => i.ReturnId);
        intake.Property(i => i.ReturnId).HasColumnName("return_id").HasMaxLength(40).UseCollation("C");
        intake.Property(i => i.OrderId).HasColumnName("order_id").HasMaxLength(40);
        intake.Property(i => i.CustomerId).HasColumnName("customer_id").HasMaxLength(40);
        intake.Property(i => i.Sku).HasColumnName("sku").HasMaxLength(40);
        intake.Property(i => i.SerialNumber).HasColumnName("serial_number").HasMaxLength(60);
        intake.Property(i => i.Location).HasColumnName("location").HasMaxLength(20);
        intake.Property(i => i.Reason).HasColumnName("reason").HasConversion<string>().HasMaxLength(30);
    });
}

/// <summary>Notes a request.</summary>
public sealed class WhenRefundRequested(IntakeDb db) : IConsumer<RefundRequest>
{
    public Task Consume(ConsumeContext<RefundRequest> context)
    {
        var asked = context.Message;
        db.Intakes.Add(new Intake
        {
            ReturnId = asked.ReturnId,
            OrderId = asked.Order.OrderId,
            CustomerId = asked.CustomerId,
            Sku = asked.Model.Sku,
            SerialNumber = asked.DefectiveItem.SerialNumber,
            Location = asked.Location.Code,
            Reason = asked.Reason,
        });
        return Task.CompletedTask;
    }
}
