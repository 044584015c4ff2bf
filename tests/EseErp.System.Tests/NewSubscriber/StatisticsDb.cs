using Microsoft.EntityFrameworkCore;

namespace EseErp.SystemTests.NewSubscriber;

/// <summary>How many returns there were for a reason.</summary>
public sealed record ReasonCount(string Reason, long Returns);

/// <summary>What was refunded in a currency.</summary>
public sealed record RefundTotal(string Currency, decimal Amount);

/// <summary>A database of the service's own; the inbox beside its tables comes with the shared libraries.</summary>
public sealed class StatisticsDb(DbContextOptions<StatisticsDb> options) : DbContext(options)
{
    public DbSet<ReasonCount> Reasons => Set<ReasonCount>();

    public DbSet<RefundTotal> Refunds => Set<RefundTotal>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<ReasonCount>(row =>
        {
            row.ToTable("reasons").HasKey(r => r.Reason);
            row.Property(r => r.Reason).HasColumnName("reason");
            row.Property(r => r.Returns).HasColumnName("returns");
        });
        modelBuilder.Entity<RefundTotal>(row =>
        {
            row.ToTable("refunds").HasKey(r => r.Currency);
            row.Property(r => r.Currency).HasColumnName("currency");
            row.Property(r => r.Amount).HasColumnName("amount");
        });
    }
}
