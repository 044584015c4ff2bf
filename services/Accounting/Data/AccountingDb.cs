using EseErp.Accounting.Costs;
using EseErp.Accounting.Disposals;
using EseErp.Accounting.Journal;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Accounting.Data;

/// <summary>Accounting's own tables. What guards the journal beyond the model is in the migration <c>JournalRules</c>.</summary>
public sealed class AccountingDb(DbContextOptions<AccountingDb> options) : DbContext(options)
{
    public DbSet<UnitCost> UnitCosts => Set<UnitCost>();

    public DbSet<AssetDisposal> AssetDisposals => Set<AssetDisposal>();

    public DbSet<JournalEntry> JournalEntries => Set<JournalEntry>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<UnitCost>(cost =>
        {
            cost.ToTable("unit_costs", table => table.HasCheckConstraint("unit_costs_landed_cost", "landed_cost >= 0"));
            cost.HasKey(c => c.Sku);
            cost.Property(c => c.Sku).HasColumnName("sku").HasMaxLength(40).UseCollation("C");
            cost.Property(c => c.LandedCost).HasColumnName("landed_cost").HasColumnType("numeric");
            cost.Property(c => c.Currency).HasColumnName("currency").HasMaxLength(3);
        });
        modelBuilder.Entity<AssetDisposal>(disposal =>
        {
            disposal.ToTable("asset_disposals").HasKey(d => d.ReturnId);
            disposal.Property(d => d.ReturnId).HasColumnName("return_id").HasMaxLength(40).UseCollation("C");
            disposal.Property(d => d.Sku).HasColumnName("sku").HasMaxLength(40);
            disposal.Property(d => d.SerialNumber).HasColumnName("serial_number").HasMaxLength(60);
            disposal.Property(d => d.CostCenter).HasColumnName("cost_center").HasMaxLength(40);
            disposal.Property(d => d.Coordination).HasColumnName("coordination").HasConversion<string>().HasMaxLength(20);
            disposal.Property(d => d.RequestedAt).HasColumnName("requested_at");
            disposal.Property(d => d.ProvisionalCost).HasColumnName("provisional_cost").HasColumnType("numeric");
            disposal.Property(d => d.Currency).HasColumnName("currency").HasMaxLength(3);
            disposal.Property(d => d.ReturnedSerialNumber).HasColumnName("returned_serial_number").HasMaxLength(60);
            disposal.Property(d => d.ReturnedSku).HasColumnName("returned_sku").HasMaxLength(40);
            disposal.Property(d => d.ReturnedCost).HasColumnName("returned_cost").HasColumnType("numeric");
            disposal.Property(d => d.ReturnedCurrency).HasColumnName("returned_currency").HasMaxLength(3);
            disposal.Property(d => d.State).HasColumnName("state").HasConversion<string>().HasMaxLength(20);
            disposal.Property(d => d.DisposalLoss).HasColumnName("disposal_loss").HasColumnType("numeric");
            disposal.PrimitiveCollection(d => d.Booked).HasColumnName("booked");
            disposal.PrimitiveCollection(d => d.TakenBack).HasColumnName("taken_back");
            disposal.Property(d => d.IsRejected).HasColumnName("is_rejected");
            disposal.Property(d => d.Disposition).HasColumnName("disposition").HasConversion<string>().HasMaxLength(20);
            disposal.Property(d => d.IsRefundRecovered).HasColumnName("is_refund_recovered");
            disposal.Property(d => d.IsReplacementReturned).HasColumnName("is_replacement_returned");
            disposal.HasIndex(d => new { d.State, d.ReturnId });
        });
        modelBuilder.Entity<JournalEntry>(entry =>
        {
            entry.ToTable("journal_entries").HasKey(e => e.EntryId);
            entry.Property(e => e.EntryId).HasColumnName("entry_id").UseIdentityAlwaysColumn();
            entry.Property(e => e.ReturnId).HasColumnName("return_id").HasMaxLength(40).UseCollation("C");
            entry.Property(e => e.Cause).HasColumnName("cause").HasMaxLength(60);
            entry.Property(e => e.CauseEventId).HasColumnName("cause_event_id");
            entry.Property(e => e.Reverses).HasColumnName("reverses");
            entry.Property(e => e.PostedAt).HasColumnName("posted_at");
            entry.Property(e => e.Coordination).HasColumnName("coordination").HasConversion<string>().HasMaxLength(20);
            // Nothing is booked twice, whatever races.
            entry.HasIndex(e => new { e.ReturnId, e.Cause }).IsUnique().HasFilter("reverses is null").HasDatabaseName("one_entry_per_return_and_cause");
            entry.HasIndex(e => e.Reverses).IsUnique().HasFilter("reverses is not null").HasDatabaseName("one_reversal_per_entry");
            entry.HasOne<JournalEntry>().WithOne().HasForeignKey<JournalEntry>(e => e.Reverses).OnDelete(DeleteBehavior.Restrict);
            entry.HasMany(e => e.Lines).WithOne().HasForeignKey("EntryId").OnDelete(DeleteBehavior.Restrict);
        });
        modelBuilder.Entity<JournalLine>(line =>
        {
            line.ToTable("journal_lines", table =>
            {
                table.HasCheckConstraint("journal_lines_one_side", "(debit > 0) <> (credit > 0) and debit >= 0 and credit >= 0 and greatest(debit, credit) < 'Infinity'");
                table.HasCheckConstraint("journal_lines_account", $"account in ({string.Join(", ", Account.All.Select(account => $"'{account}'"))})");
            });
            line.Property<long>("EntryId").HasColumnName("entry_id");
            line.HasKey("EntryId", nameof(JournalLine.LineNumber));
            line.Property(l => l.LineNumber).HasColumnName("line_number").ValueGeneratedNever();
            line.Property(l => l.Account).HasColumnName("account").HasMaxLength(40);
            line.Property(l => l.Currency).HasColumnName("currency").HasMaxLength(3);
            line.Property(l => l.Debit).HasColumnName("debit").HasColumnType("numeric");
            line.Property(l => l.Credit).HasColumnName("credit").HasColumnType("numeric");
        });
    }
}
