using EseErp.UserSupport.Modes;
using EseErp.UserSupport.Returns;
using EseErp.UserSupport.Traditional;
using Microsoft.EntityFrameworkCore;

namespace EseErp.UserSupport.Data;

/// <summary>User Support's own tables.</summary>
public sealed class UserSupportDb(DbContextOptions<UserSupportDb> options) : DbContext(options)
{
    public DbSet<Return> Returns => Set<Return>();

    public DbSet<ReturnStep> Steps => Set<ReturnStep>();

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
            asked.Property(r => r.Reported).HasColumnName("reported").HasColumnType("jsonb").HasConversion(
                reported => System.Text.Json.JsonSerializer.Serialize(reported, EventStore.EventJson.Options),
                json => System.Text.Json.JsonSerializer.Deserialize<ReportedSteps>(json, EventStore.EventJson.Options)!);
            asked.Property(r => r.CancellationReason).HasColumnName("cancellation_reason").HasMaxLength(500);
            asked.Property(r => r.CancellationRefusal).HasColumnName("cancellation_refusal").HasColumnType("text");
            asked.Property(r => r.UndoCause).HasColumnName("undo_cause").HasConversion<string>().HasMaxLength(20);
            asked.Property(r => r.UndoReason).HasColumnName("undo_reason").HasMaxLength(500);
            asked.Property(r => r.DrivenUntil).HasColumnName("driven_until");
            asked.Property(r => r.DrivenBy).HasColumnName("driven_by");
            asked.Property(r => r.DriverKey).HasColumnName("driver_key");
            asked.Property(r => r.AdvancedAt).HasColumnName("advanced_at");
            asked.Property(r => r.DueAt).HasColumnName("due_at");
            asked.Property(r => r.WakeAt).HasColumnName("wake_at");
            asked.Property(r => r.Failures).HasColumnName("failures");
            asked.Property(r => r.CallbackUrl).HasColumnName("callback_url").HasMaxLength(500);
            asked.Property(r => r.CallbackAt).HasColumnName("callback_at");
            asked.Property(r => r.CallbackFailures).HasColumnName("callback_failures");
            asked.Property(r => r.ToldStatus).HasColumnName("told_status").HasConversion<string>().HasMaxLength(30);
            asked.HasIndex(r => r.CallbackAt).HasFilter("callback_at is not null").HasDatabaseName("returns_to_call_back");
            asked.Ignore(r => r.HasNews).Ignore(r => r.WantsReplacement).Ignore(r => r.IsOver).Ignore(r => r.ReasonNotToCancel).Ignore(r => r.ReasonNotToReport)
                .Ignore(r => r.ReasonNotToReportWork);
            // What background work looks for; event mode's rows are not in it.
            asked.HasIndex(r => new { r.Status, r.AdvancedAt }).HasFilter("mode <> 'Event'").HasDatabaseName("traditional_returns_by_status");
            asked.HasIndex(r => r.DrivenUntil).HasFilter("driven_until is not null").HasDatabaseName("driven_returns");
            asked.HasIndex(r => r.WakeAt).HasFilter("wake_at is not null and driven_until is null").HasDatabaseName("sleeping_returns");
            asked.HasIndex(r => r.DueAt).HasDatabaseName("returns_with_expected_items")
                .HasFilter("status in ('Approved', 'UnderReview') and (reported ->> 'received') is null and (reported ->> 'waived') is null");
        });
        modelBuilder.Entity<ReturnStep>(step =>
        {
            step.ToTable("return_steps").HasKey(s => new { s.ReturnId, s.Number });
            step.Property(s => s.ReturnId).HasColumnName("return_id").HasMaxLength(40).UseCollation("C");
            step.Property(s => s.Number).HasColumnName("number");
            step.Property(s => s.Name).HasColumnName("name").HasMaxLength(60);
            step.Property(s => s.Outcome).HasColumnName("outcome").HasConversion<string>().HasMaxLength(20);
            step.Property(s => s.Answer).HasColumnName("answer").HasColumnType("text");
            step.Property(s => s.StatusCode).HasColumnName("status_code");
            step.Property(s => s.Problem).HasColumnName("problem").HasColumnType("text");
            step.Property(s => s.StartedAt).HasColumnName("started_at");
            step.Property(s => s.EndedAt).HasColumnName("ended_at");
            step.Property(s => s.Told).HasColumnName("told");
            step.Ignore(s => s.Team).Ignore(s => s.DurationMilliseconds);
        });
        modelBuilder.Entity<ModeRow>(mode =>
        {
            mode.ToTable("mode").HasKey(m => m.Id);
            mode.Property(m => m.Id).HasColumnName("id").ValueGeneratedNever();
            mode.Property(m => m.Mode).HasColumnName("mode").HasConversion<string>().HasMaxLength(20);
            mode.Property(m => m.ChangedAt).HasColumnName("changed_at");
        });
    }
}
