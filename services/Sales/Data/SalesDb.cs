using EseErp.Sales.Orders;
using EseErp.Sales.Refunds;
using EseErp.Sales.Valuations;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Sales.Data;

/// <summary>Sales' own tables.</summary>
public sealed class SalesDb(DbContextOptions<SalesDb> options) : DbContext(options)
{
    public DbSet<Customer> Customers => Set<Customer>();

    public DbSet<Order> Orders => Set<Order>();

    public DbSet<OrderRefundRequest> OrderRefundRequests => Set<OrderRefundRequest>();

    public DbSet<Valuation> Valuations => Set<Valuation>();

    public DbSet<ValuationCommand> ValuationCommands => Set<ValuationCommand>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Customer>(customer =>
        {
            customer.ToTable("customers").HasKey(c => c.CustomerId);
            customer.Property(c => c.CustomerId).HasColumnName("customer_id").HasMaxLength(40);
            customer.Property(c => c.Name).HasColumnName("name").HasMaxLength(200);
            customer.Property(c => c.Country).HasColumnName("country").HasMaxLength(2);
            customer.Property(c => c.Currency).HasColumnName("currency").HasMaxLength(3);
        });
        modelBuilder.Entity<Order>(order =>
        {
            order.ToTable("orders").HasKey(o => o.OrderId);
            order.Property(o => o.OrderId).HasColumnName("order_id").HasMaxLength(40).UseCollation("C");
            order.Property(o => o.CustomerId).HasColumnName("customer_id").HasMaxLength(40);
            order.Property(o => o.Currency).HasColumnName("currency").HasMaxLength(3);
            order.Property(o => o.OrderedAt).HasColumnName("ordered_at");
            order.Property(o => o.DeliveredAt).HasColumnName("delivered_at");
            order.Property(o => o.ShipmentId).HasColumnName("shipment_id").HasMaxLength(40);
            order.Property(o => o.Refunded).HasColumnName("refunded").HasColumnType("numeric");
            order.Ignore(o => o.Paid);
            order.OwnsMany(o => o.Lines, line => line.ToJson("lines"));
        });
        modelBuilder.Entity<OrderRefundRequest>(refund =>
        {
            refund.ToTable("order_refund_requests").HasKey(r => r.ReturnId);
            refund.Property(r => r.ReturnId).HasColumnName("return_id").HasMaxLength(40).UseCollation("C");
            refund.Property(r => r.OrderId).HasColumnName("order_id").HasMaxLength(40);
            refund.Property(r => r.LineId).HasColumnName("line_id").HasMaxLength(40);
            refund.Property(r => r.SerialNumber).HasColumnName("serial_number").HasMaxLength(60);
            refund.Property(r => r.ShipmentId).HasColumnName("shipment_id").HasMaxLength(40);
            refund.Property(r => r.DeviceKey).HasColumnName("device_key").HasMaxLength(60);
            refund.Property(r => r.DeviceOrderId).HasColumnName("device_order_id").HasMaxLength(40);
            refund.Property(r => r.DeviceLineId).HasColumnName("device_line_id").HasMaxLength(40);
            refund.Property(r => r.DeviceSku).HasColumnName("device_sku").HasMaxLength(40);
            refund.Property(r => r.MoneyOrderId).HasColumnName("money_order_id").HasMaxLength(40);
            refund.Property(r => r.MoneyLineId).HasColumnName("money_line_id").HasMaxLength(40);
            refund.Property(r => r.ReplacementKey).HasColumnName("replacement_key").HasMaxLength(60);
            refund.Property(r => r.ReplacementSku).HasColumnName("replacement_sku").HasMaxLength(40);
            refund.Property(r => r.Sku).HasColumnName("sku").HasMaxLength(40);
            refund.Property(r => r.Reason).HasColumnName("reason").HasConversion<string>().HasMaxLength(30);
            refund.Property(r => r.Resolution).HasColumnName("resolution").HasConversion<string>().HasMaxLength(30);
            refund.Property(r => r.Coordination).HasColumnName("coordination").HasConversion<string>().HasMaxLength(20);
            refund.Property(r => r.RequestedAt).HasColumnName("requested_at");
            refund.Property(r => r.State).HasColumnName("state").HasConversion<string>().HasMaxLength(20);
            refund.Property(r => r.CustomerId).HasColumnName("customer_id").HasMaxLength(40);
            refund.Property(r => r.Amount).HasColumnName("amount").HasColumnType("numeric");
            refund.Property(r => r.Currency).HasColumnName("currency").HasMaxLength(3);
            refund.PrimitiveCollection(r => r.Reasons).HasColumnName("reasons").ElementType().HasConversion<string>();
            refund.Property(r => r.IssuedAt).HasColumnName("issued_at");
            refund.Property(r => r.Review).HasColumnName("review").HasConversion<string>().HasMaxLength(20);
            refund.Property(r => r.ReviewNote).HasColumnName("review_note").HasMaxLength(500);
            refund.Property(r => r.ReceivedSerialNumber).HasColumnName("received_serial_number").HasMaxLength(60);
            refund.Property(r => r.IsWaived).HasColumnName("is_waived");
            refund.Property(r => r.IsInspected).HasColumnName("is_inspected");
            refund.Property(r => r.MismatchAccepted).HasColumnName("mismatch_accepted");
            refund.Property(r => r.IsSentBack).HasColumnName("is_sent_back");
            refund.Property(r => r.SentBackAccepted).HasColumnName("sent_back_accepted");
            refund.Property(r => r.EndedBecause).HasColumnName("ended_because").HasMaxLength(500);
            refund.Property(r => r.IsUpheld).HasColumnName("is_upheld");
            refund.OwnsMany(r => r.Valuation, step =>
            {
                step.ToJson("valuation");
                step.Property(s => s.Operation).HasConversion<string>();
            });
            refund.HasIndex(r => new { r.State, r.ReturnId });
            refund.HasIndex(r => r.ReplacementKey).HasFilter("replacement_key is not null");
            // What was given back for the lines of an order.
            refund.HasIndex(r => r.OrderId);
            refund.HasIndex(r => r.MoneyOrderId).HasFilter("money_order_id is not null");
            // One live or completed return per device and order, whatever races; under another order it was sold again.
            refund.HasIndex(r => new { r.DeviceKey, r.DeviceOrderId }).IsUnique().HasFilter("state not in ('Rejected', 'Voided') and device_key <> ''")
                .HasDatabaseName("one_live_return_per_device_and_order");
        });
        modelBuilder.Entity<Valuation>(valuation =>
        {
            valuation.ToTable("valuations").HasKey(v => v.ValuationId);
            valuation.Property(v => v.ValuationId).HasColumnName("valuation_id").HasMaxLength(40).UseCollation("C");
            valuation.Property(v => v.Currency).HasColumnName("currency").HasMaxLength(3);
            valuation.Property(v => v.Value).HasColumnName("value").HasColumnType("numeric");
            valuation.Property(v => v.Version).HasColumnName("version");
        });
        modelBuilder.Entity<ValuationCommand>(command =>
        {
            command.ToTable("valuation_commands").HasKey(c => c.CommandId);
            command.Property(c => c.CommandId).HasColumnName("command_id").HasMaxLength(40).UseCollation("C");
            command.Property(c => c.ValuationId).HasColumnName("valuation_id").HasMaxLength(40).UseCollation("C");
            command.Property(c => c.Operation).HasColumnName("operation").HasConversion<string>().HasMaxLength(20);
            command.Property(c => c.Operand).HasColumnName("operand").HasMaxLength(40);
            command.Property(c => c.State).HasColumnName("state").HasConversion<string>().HasMaxLength(20);
            command.Property(c => c.Reason).HasColumnName("reason").HasConversion<string>().HasMaxLength(30);
            command.Property(c => c.Version).HasColumnName("version");
            command.Property(c => c.Value).HasColumnName("value").HasColumnType("numeric");
            command.Property(c => c.AcceptedAt).HasColumnName("accepted_at");
            command.Property(c => c.DecidedAt).HasColumnName("decided_at");
            command.HasIndex(c => c.ValuationId);
        });
    }
}
