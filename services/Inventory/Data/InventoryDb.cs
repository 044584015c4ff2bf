using EseErp.Inventory.Shipments;
using EseErp.Inventory.Stock;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Inventory.Data;

/// <summary>Inventory's own tables.</summary>
public sealed class InventoryDb(DbContextOptions<InventoryDb> options) : DbContext(options)
{
    public DbSet<StockItem> StockItems => Set<StockItem>();

    public DbSet<ShipmentRequest> ShipmentRequests => Set<ShipmentRequest>();

    public DbSet<DemoStock> DemoStock => Set<DemoStock>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<StockItem>(item =>
        {
            item.ToTable("stock_items", table =>
            {
                // The rules of StockItem once more, so that no other writer can break them.
                table.HasCheckConstraint("stock_never_below_zero", "on_hand >= 0");
                table.HasCheckConstraint("reserved_never_above_on_hand", "reserved between 0 and on_hand");
                table.HasCheckConstraint("backordered_never_below_zero", "backordered >= 0");
            }).HasKey(i => i.Sku);
            item.Property(i => i.Sku).HasColumnName("sku").HasMaxLength(40).UseCollation("C");
            item.Property(i => i.OnHand).HasColumnName("on_hand");
            item.Property(i => i.Reserved).HasColumnName("reserved");
            item.Property(i => i.Backordered).HasColumnName("backordered");
            item.Ignore(i => i.Available).Ignore(i => i.Servable);
        });
        modelBuilder.Entity<ShipmentRequest>(request =>
        {
            request.ToTable("shipment_requests").HasKey(r => r.ReturnId);
            request.Property(r => r.ReturnId).HasColumnName("return_id").HasMaxLength(40).UseCollation("C");
            request.Property(r => r.Sku).HasColumnName("sku").HasMaxLength(40);
            request.Property(r => r.SerialNumber).HasColumnName("serial_number").HasMaxLength(60);
            request.Property(r => r.Resolution).HasColumnName("resolution").HasConversion<string>().HasMaxLength(30);
            request.Property(r => r.ReplacementTiming).HasColumnName("replacement_timing").HasConversion<string>().HasMaxLength(20);
            request.Property(r => r.Coordination).HasColumnName("coordination").HasConversion<string>().HasMaxLength(20);
            request.Property(r => r.RequestedAt).HasColumnName("requested_at");
            request.Property(r => r.State).HasColumnName("state").HasConversion<string>().HasMaxLength(20);
            request.Property(r => r.RefundUnderReview).HasColumnName("refund_under_review");
            request.Property(r => r.RefundAuthorizedAt).HasColumnName("refund_authorized_at");
            request.Property(r => r.ShippedAt).HasColumnName("shipped_at");
            request.Property(r => r.ReplacementSerialNumber).HasColumnName("replacement_serial_number").HasMaxLength(60);
            request.Property(r => r.ReturnedSku).HasColumnName("returned_sku").HasMaxLength(40);
            request.Property(r => r.IsToBeRestocked).HasColumnName("is_to_be_restocked");
            request.Ignore(r => r.ItemSku);
            request.Property(r => r.ReceiptState).HasColumnName("receipt_state").HasConversion<string>().HasMaxLength(20);
            request.Property(r => r.DueAt).HasColumnName("due_at");
            request.Property(r => r.NamedLocation).HasColumnName("named_location").HasMaxLength(40);
            request.Property(r => r.Location).HasColumnName("location").HasMaxLength(40);
            request.Property(r => r.ReceivedSerialNumber).HasColumnName("received_serial_number").HasMaxLength(60);
            request.Property(r => r.Condition).HasColumnName("condition").HasMaxLength(200);
            request.Property(r => r.ReceivedAt).HasColumnName("received_at");
            request.Property(r => r.MismatchAccepted).HasColumnName("mismatch_accepted");
            request.Property(r => r.AcceptedSerialNumber).HasColumnName("accepted_serial_number").HasMaxLength(60);
            request.Property(r => r.ArrivedKey).HasColumnName("arrived_key").HasMaxLength(60);
            request.Property(r => r.IsDeviceGivenUp).HasColumnName("is_device_given_up");
            request.Property(r => r.IsSentBack).HasColumnName("is_sent_back");
            request.Property(r => r.SentBackAccepted).HasColumnName("sent_back_accepted");
            request.Property(r => r.IsRestocked).HasColumnName("is_restocked");
            request.HasIndex(r => new { r.State, r.ReturnId });
            request.HasIndex(r => r.ReturnId).HasFilter("is_to_be_restocked").HasDatabaseName("items_for_a_shelf_that_is_not_there");
            request.HasIndex(r => r.ArrivedKey).HasFilter("arrived_key is not null").HasDatabaseName("devices_that_came_in");
            // The line at an empty shelf, and what comes in by itself in a demo.
            request.HasIndex(r => new { r.Sku, r.RequestedAt, r.ReturnId }).HasFilter("state = 'Backordered'").HasDatabaseName("backordered_first_in_first_out");
            request.HasIndex(r => r.RequestedAt)
                .HasFilter("receipt_state = 'Expected' and coordination = 'Event' and refund_authorized_at is not null")
                .HasDatabaseName("items_under_way");
            request.HasIndex(r => r.DueAt).HasFilter("receipt_state = 'Expected' and coordination = 'Event'").HasDatabaseName("items_by_due_date");
        });
        modelBuilder.Entity<DemoStock>(stock =>
        {
            stock.ToTable("demo_stock").HasKey(s => s.Sku);
            stock.Property(s => s.Sku).HasColumnName("sku").HasMaxLength(40).UseCollation("C");
            stock.Property(s => s.Quantity).HasColumnName("quantity");
        });
    }
}
