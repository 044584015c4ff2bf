using System.Text.Json;
using System.Text.Json.Serialization;
using EseErp.EventStore;
using EseErp.Tracking.Analytics;
using EseErp.Tracking.Rebuild;
using EseErp.Tracking.Returns;
using EseErp.Tracking.Timeline;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace EseErp.Tracking.Data;

/// <summary>Tracking's tables. All but <c>projection</c> can be thrown away and built again from the broker's log.</summary>
public sealed class TrackingDb(DbContextOptions<TrackingDb> options) : DbContext(options)
{
    private static readonly JsonSerializerOptions FacetJson = new(EventJson.Options) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public DbSet<TrackedReturn> Returns => Set<TrackedReturn>();

    public DbSet<TimelineEntry> Timeline => Set<TimelineEntry>();

    public DbSet<DeliveredUnits> DeliveredUnits => Set<DeliveredUnits>();

    public DbSet<Projection> Projections => Set<Projection>();

    // No lengths: what a fact may contain is for its publisher to say.
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<TrackedReturn>(tracked =>
        {
            tracked.ToTable("returns").HasKey(r => r.ReturnId);
            tracked.Property(r => r.ReturnId).HasColumnName("return_id").UseCollation("C");
            tracked.Property(r => r.Mode).HasColumnName("mode").HasConversion<string>().HasMaxLength(20);
            tracked.Property(r => r.Status).HasColumnName("status").HasConversion<string>().HasMaxLength(20);
            tracked.Property(r => r.CustomerId).HasColumnName("customer_id");
            tracked.Property(r => r.SerialNumber).HasColumnName("serial_number");
            tracked.Property(r => r.Reason).HasColumnName("reason").HasConversion<string>().HasMaxLength(30);
            tracked.Property(r => r.RequestedAt).HasColumnName("requested_at");
            tracked.Property(r => r.SettledAt).HasColumnName("settled_at");
            tracked.Property(r => r.CompletedAt).HasColumnName("completed_at");
            tracked.Property(r => r.ClosedAt).HasColumnName("closed_at");
            tracked.Property(r => r.Version).HasColumnName("version");
            tracked.Property(r => r.Request).HasColumnName("request").AsJson();
            tracked.Property(r => r.Refund).HasColumnName("refund").AsJson();
            tracked.Property(r => r.Replacement).HasColumnName("replacement").AsJson();
            tracked.Property(r => r.Item).HasColumnName("item").AsJson();
            tracked.Property(r => r.Disassembly).HasColumnName("disassembly").AsJson();
            tracked.Property(r => r.Disposal).HasColumnName("disposal").AsJson();
            tracked.Property(r => r.Cancellation).HasColumnName("cancellation").AsJson();
            tracked.Property(r => r.Calls).HasColumnName("calls").AsJson();
            tracked.Property(r => r.Stuck).HasColumnName("stuck").AsJson();
            tracked.HasIndex(r => new { r.Status, r.ReturnId });
            tracked.HasIndex(r => new { r.CustomerId, r.ReturnId });
            tracked.HasIndex(r => new { r.SerialNumber, r.ReturnId });
            tracked.HasIndex(r => r.RequestedAt);
            // Few of many, and asked for all the time.
            tracked.HasIndex(r => r.ReturnId, "IX_returns_backordered").HasFilter("replacement ->> 'state' = 'Backordered'");
        });
        modelBuilder.Entity<TimelineEntry>(entry =>
        {
            // The primary key makes an event count once, whatever happens.
            entry.ToTable("timeline").HasKey(e => e.EventId);
            entry.Property(e => e.EventId).HasColumnName("event_id").ValueGeneratedNever();
            entry.Property(e => e.ReturnId).HasColumnName("return_id").UseCollation("C");
            entry.Property(e => e.Time).HasColumnName("time");
            entry.Property(e => e.Team).HasColumnName("team");
            entry.Property(e => e.Type).HasColumnName("type");
            entry.Property(e => e.Summary).HasColumnName("summary");
            entry.Property(e => e.CorrelationId).HasColumnName("correlation_id");
            entry.Property(e => e.CausationId).HasColumnName("causation_id");
            entry.Property(e => e.Coordination).HasColumnName("coordination");
            entry.Property(e => e.Data).HasColumnName("data").HasColumnType("json");
            entry.Property(e => e.Position).HasColumnName("position").UseIdentityAlwaysColumn();
            entry.HasIndex(e => new { e.ReturnId, e.Time, e.EventId });
            entry.HasIndex(e => e.Position);
        });
        modelBuilder.Entity<DeliveredUnits>(units =>
        {
            units.ToTable("delivered_units").HasKey(u => u.Sku);
            units.Property(u => u.Sku).HasColumnName("sku").UseCollation("C");
            units.Property(u => u.Quantity).HasColumnName("quantity");
        });
        modelBuilder.Entity<Projection>(projection =>
        {
            projection.ToTable("projection").HasKey(p => p.Name);
            projection.Property(p => p.Name).HasColumnName("name");
            projection.Property(p => p.Build).HasColumnName("build");
            projection.Property(p => p.Stage).HasColumnName("stage").HasConversion<string>().HasMaxLength(20);
            projection.Property(p => p.StartedAt).HasColumnName("started_at");
            projection.Property(p => p.FinishedAt).HasColumnName("finished_at");
            projection.Property(p => p.Until).HasColumnName("until").AsJson();
        });
    }

    /// <summary>A facet is an immutable record: compared by value, written as a whole.</summary>
    internal static ValueConverter<T, string> JsonConverter<T>() => new(
        facet => JsonSerializer.Serialize(facet, FacetJson),
        text => JsonSerializer.Deserialize<T>(text, FacetJson)!);
}

internal static class JsonColumns
{
    public static PropertyBuilder<T> AsJson<T>(this PropertyBuilder<T> property) where T : class =>
        property.HasColumnType("jsonb").HasConversion(TrackingDb.JsonConverter<T>());
}
