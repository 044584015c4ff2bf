using System.Text.Json;
using EseErp.EventStore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EseErp.UserSupport.Traditional;

internal sealed class TraditionalReturnTable : IEntityTypeConfiguration<TraditionalReturn>
{
    public void Configure(EntityTypeBuilder<TraditionalReturn> saga)
    {
        saga.ToTable("traditional_returns").HasKey(s => s.ReturnId);
        saga.Property(s => s.ReturnId).HasColumnName("return_id").HasMaxLength(40).UseCollation("C");
        saga.Property(s => s.Reported).HasColumnName("reported").HasColumnType("jsonb").HasConversion(
            reported => JsonSerializer.Serialize(reported, EventJson.Options),
            json => JsonSerializer.Deserialize<ReportedSteps>(json, EventJson.Options)!);
        saga.Property(s => s.UndoCause).HasColumnName("undo_cause").HasConversion<string>().HasMaxLength(20);
        saga.Property(s => s.UndoReason).HasColumnName("undo_reason").HasMaxLength(500);
        saga.Property(s => s.DrivenUntil).HasColumnName("driven_until");
        saga.Property(s => s.DrivenBy).HasColumnName("driven_by");
        saga.Property(s => s.DriverKey).HasColumnName("driver_key");
        saga.Property(s => s.AdvancedAt).HasColumnName("advanced_at");
        saga.Property(s => s.DueAt).HasColumnName("due_at");
        saga.Property(s => s.WakeAt).HasColumnName("wake_at");
        saga.Property(s => s.Failures).HasColumnName("failures");
        saga.Property(s => s.CallbackUrl).HasColumnName("callback_url").HasMaxLength(500);
        saga.Property(s => s.CallbackAt).HasColumnName("callback_at");
        saga.Property(s => s.CallbackFailures).HasColumnName("callback_failures");
        saga.Property(s => s.ToldStatus).HasColumnName("told_status").HasConversion<string>().HasMaxLength(30);
        saga.Ignore(s => s.Return).Ignore(s => s.Status).Ignore(s => s.CorrelationId).Ignore(s => s.Mode)
            .Ignore(s => s.HasNews).Ignore(s => s.ReasonNotToCancel).Ignore(s => s.ReasonNotToReport).Ignore(s => s.ReasonNotToReportWork);
        // What background work looks for. Most rows are in none of these indexes: their returns wait for nothing.
        saga.HasIndex(s => s.CallbackAt).HasFilter("callback_at is not null").HasDatabaseName("returns_to_call_back");
        saga.HasIndex(s => s.DrivenUntil).HasFilter("driven_until is not null").HasDatabaseName("driven_returns");
        saga.HasIndex(s => s.WakeAt).HasFilter("wake_at is not null and driven_until is null").HasDatabaseName("sleeping_returns");
        saga.HasIndex(s => s.DueAt).HasDatabaseName("returns_with_expected_items")
            .HasFilter("undo_cause is null and (reported ->> 'received') is null and (reported ->> 'waived') is null");
        saga.HasIndex(s => s.AdvancedAt).HasDatabaseName("returns_with_steps_to_report")
            .HasFilter("due_at is not null and undo_cause is null and (reported ->> 'disassembled') is null and (reported ->> 'waived') is null");
    }
}

internal sealed class ReturnStepTable : IEntityTypeConfiguration<ReturnStep>
{
    public void Configure(EntityTypeBuilder<ReturnStep> step)
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
    }
}
