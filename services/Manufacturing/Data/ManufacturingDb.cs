using EseErp.Manufacturing.BillsOfMaterials;
using EseErp.Manufacturing.Disassembly;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Manufacturing.Data;

/// <summary>Manufacturing's own tables.</summary>
public sealed class ManufacturingDb(DbContextOptions<ManufacturingDb> options) : DbContext(options)
{
    public DbSet<BillOfMaterials> BillsOfMaterials => Set<BillOfMaterials>();

    public DbSet<DisassemblyOrder> DisassemblyOrders => Set<DisassemblyOrder>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<BillOfMaterials>(bill =>
        {
            bill.ToTable("bills_of_materials").HasKey(b => b.Sku);
            bill.Property(b => b.Sku).HasColumnName("sku").HasMaxLength(40).UseCollation("C");
            bill.Property(b => b.Name).HasColumnName("name").HasMaxLength(200);
            bill.PrimitiveCollection(b => b.FaultCodes).HasColumnName("fault_codes");
            bill.OwnsMany(b => b.Parts, part => part.ToJson("parts"));
        });
        modelBuilder.Entity<DisassemblyOrder>(order =>
        {
            order.ToTable("disassembly_orders").HasKey(o => o.ReturnId);
            order.Property(o => o.ReturnId).HasColumnName("return_id").HasMaxLength(40).UseCollation("C");
            order.Property(o => o.Sku).HasColumnName("sku").HasMaxLength(40);
            order.Property(o => o.SerialNumber).HasColumnName("serial_number").HasMaxLength(60);
            order.Property(o => o.Currency).HasColumnName("currency").HasMaxLength(3);
            order.Property(o => o.Coordination).HasColumnName("coordination").HasConversion<string>().HasMaxLength(20);
            order.Property(o => o.RequestedAt).HasColumnName("requested_at");
            order.Property(o => o.State).HasColumnName("state").HasConversion<string>().HasMaxLength(20);
            order.Property(o => o.StateSince).HasColumnName("state_since");
            order.Property(o => o.ReceivedSerialNumber).HasColumnName("received_serial_number").HasMaxLength(60);
            order.Property(o => o.MismatchAccepted).HasColumnName("mismatch_accepted");
            order.Property(o => o.AcceptedSerialNumber).HasColumnName("accepted_serial_number").HasMaxLength(60);
            order.Property(o => o.ReturnedSku).HasColumnName("returned_sku").HasMaxLength(40);
            order.Ignore(o => o.ItemSku);
            order.Property(o => o.FaultCode).HasColumnName("fault_code").HasMaxLength(40);
            order.Property(o => o.Disposition).HasColumnName("disposition").HasConversion<string>().HasMaxLength(20);
            order.Property(o => o.RecoveredValue).HasColumnName("recovered_value").HasColumnType("numeric");
            order.Property(o => o.LabourCost).HasColumnName("labour_cost").HasColumnType("numeric");
            order.OwnsMany(o => o.Parts, parts =>
            {
                parts.ToJson("parts");
                parts.Property(part => part.Quality).HasConversion<string>();
            });
            order.HasIndex(o => new { o.State, o.ReturnId });
            // What the workbench of a demo does next.
            order.HasIndex(o => o.StateSince)
                .HasFilter("coordination = 'Event' and (state = 'Received' or state = 'Diagnosed' and disposition in ('Scrap', 'Refurbish'))")
                .HasDatabaseName("on_the_workbench");
        });
    }
}
