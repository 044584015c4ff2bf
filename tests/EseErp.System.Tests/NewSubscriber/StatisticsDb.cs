using Microsoft.EntityFrameworkCore;

namespace EseErp.SystemTests.NewSubscriber;

/// <summary>A return that somebody asked for.</summary>
public sealed record RequestedReturn(string Reason)
{
    public long Id { get; private set; }
}

/// <summary>A refund that was paid.</summary>
public sealed record PaidRefund(string Currency, decimal Amount)
{
    public long Id { get; private set; }
}

/// <summary>A database of the service's own; the inbox beside its tables comes with the shared libraries.</summary>
public sealed class StatisticsDb(DbContextOptions<StatisticsDb> options) : DbContext(options)
{
    public DbSet<RequestedReturn> Returns => Set<RequestedReturn>();

    public DbSet<PaidRefund> Refunds => Set<PaidRefund>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<RequestedReturn>(row =>
        {
            row.ToTable("requested_returns");
            row.Property(r => r.Id).HasColumnName("id");
            row.Property(r => r.Reason).HasColumnName("reason");
        });
        modelBuilder.Entity<PaidRefund>(row =>
        {
            row.ToTable("paid_refunds");
            row.Property(r => r.Id).HasColumnName("id");
            row.Property(r => r.Currency).HasColumnName("currency");
            row.Property(r => r.Amount).HasColumnName("amount");
        });
    }
}
