using EseErp.UserSupport.Modes;
using EseErp.UserSupport.Returns;
using Microsoft.EntityFrameworkCore;

namespace EseErp.UserSupport.Data;

/// <summary>User Support's own tables.</summary>
public sealed class UserSupportDb(DbContextOptions<UserSupportDb> options) : DbContext(options)
{
    public DbSet<Return> Returns => Set<Return>();

    public DbSet<ModeRow> Mode => Set<ModeRow>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasSequence("return_numbers");
        modelBuilder.Entity<Return>(asked =>
        {
            asked.ToTable("returns").HasKey(r => r.ReturnId);
            asked.Property(r => r.ReturnId).HasColumnName("return_id").HasMaxLength(40).UseCollation("C");
            asked.Property(r => r.CaseId).HasColumnName("case_id").HasMaxLength(40);
            asked.Property(r => r.OrderId).HasColumnName("order_id").HasMaxLength(40);
            asked.Property(r => r.LineId).HasColumnName("line_id").HasMaxLength(40);
            asked.Property(r => r.Sku).HasColumnName("sku").HasMaxLength(40);
            asked.Property(r => r.SerialNumber).HasColumnName("serial_number").HasMaxLength(60);
            asked.Property(r => r.Reason).HasColumnName("reason").HasConversion<string>().HasMaxLength(30);
            asked.Property(r => r.Resolution).HasColumnName("resolution").HasConversion<string>().HasMaxLength(30);
            asked.Property(r => r.ReplacementTiming).HasColumnName("replacement_timing").HasConversion<string>().HasMaxLength(20);
            asked.Property(r => r.ShipmentId).HasColumnName("shipment_id").HasMaxLength(40);
            asked.Property(r => r.Location).HasColumnName("location").HasMaxLength(40);
            asked.Property(r => r.CostCenter).HasColumnName("cost_center").HasMaxLength(40);
            asked.Property(r => r.CostCurrency).HasColumnName("cost_currency").HasMaxLength(3);
            asked.Property(r => r.Mode).HasColumnName("mode").HasConversion<string>().HasMaxLength(20);
            asked.Property(r => r.FiledAt).HasColumnName("filed_at");
            asked.Property(r => r.CorrelationId).HasColumnName("correlation_id").HasMaxLength(64);
            asked.Property(r => r.Status).HasColumnName("status").HasConversion<string>().HasMaxLength(30);
            asked.Property(r => r.CancellationReason).HasColumnName("cancellation_reason").HasMaxLength(500);
            asked.Property(r => r.CancellationRefusal).HasColumnName("cancellation_refusal").HasColumnType("text");
            asked.Ignore(r => r.WantsReplacement).Ignore(r => r.IsOver);
        });
        modelBuilder.Entity<ModeRow>(mode =>
        {
            mode.ToTable("mode").HasKey(m => m.Id);
            mode.Property(m => m.Id).HasColumnName("id").ValueGeneratedNever();
            mode.Property(m => m.Mode).HasColumnName("mode").HasConversion<string>().HasMaxLength(20);
            mode.Property(m => m.ChangedAt).HasColumnName("changed_at");
        });
        // What a way of coordination keeps beside them.
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(UserSupportDb).Assembly);
    }
}
