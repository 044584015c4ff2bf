using EseErp.Accounting.Data;
using EseErp.Accounting.Journal;
using EseErp.Contracts;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.Sales;
using EseErp.EventStore;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Accounting.Disposals;

/// <summary>Compares a fact with what is known of its return: the document, and what the journal has for the same fact.</summary>
public sealed class Contradictions(AccountingDb db)
{
    private readonly record struct Sum(decimal Amount, string? Currency);

    /// <exception cref="ConflictException">The fact was noted before with another amount, or is about another device, another model or another fate of the unit.</exception>
    public async Task ThrowIfAny(AssetDisposal disposal, object fact, CancellationToken cancellationToken)
    {
        switch (fact)
        {
            case RefundIssued refund when disposal.Booked.Contains(nameof(RefundIssued)):
                await ThrowIfOther(disposal, nameof(RefundIssued), cancellationToken, ("amount", Account.SalesReturns, Of(refund.Amount, refund.Currency)));
                break;
            // Who calls does not say how much came back.
            case RefundRecovered { Currency.Length: > 0 } recovered when disposal.Booked.Contains(nameof(RefundIssued)):
                await ThrowIfOther(disposal, nameof(RefundIssued), cancellationToken, ("amount", Account.SalesReturns, Of(recovered.Amount, recovered.Currency)));
                break;
            case DisassemblyCompleted done when disposal.Booked.Contains(nameof(DisassemblyCompleted)):
                await ThrowIfOther(disposal, nameof(DisassemblyCompleted), cancellationToken,
                    ("recoveredValue", Account.ComponentInventory, Of(done.RecoveredValue, done.Currency)), ("labourCost", Account.AccruedLabour, Of(done.LabourCost, done.Currency)));
                break;
            case ReplacementShipped { Sku.Length: > 0 } shipped:
                ConflictException.ThrowIfOther($"asset disposal of {disposal.ReturnId}", ("sku", disposal.Sku, shipped.Sku));
                break;
            case RecalledUnitReturned { Sku.Length: > 0 } back:
                ConflictException.ThrowIfOther($"asset disposal of {disposal.ReturnId}", ("sku", disposal.Sku, back.Sku));
                break;
            case ItemMismatchAccepted { SerialNumber: { } came } accepted when disposal.ReturnedSerialNumber is { } known:
                var sku = disposal.ReturnedSku ?? disposal.Sku;
                ConflictException.ThrowIfOther(
                    $"item of {disposal.ReturnId}", ("serialNumber", known, SerialNumbers.AsKnown(known, came)), ("sku", sku, accepted.Sku ?? sku));
                break;
            case ItemDiagnosed diagnosed when disposal.Disposition is { } known:
                ConflictException.ThrowIfOther($"item of {disposal.ReturnId}", ("disposition", known, diagnosed.Disposition));
                break;
        }
    }

    private async Task ThrowIfOther(
        AssetDisposal disposal, string cause, CancellationToken cancellationToken, params (string Field, string Account, Sum Told)[] sums)
    {
        // An entry of this transaction is in the database only then.
        await db.SaveChangesAsync(cancellationToken);
        var lines = await db.JournalEntries.AsNoTracking()
            .Where(entry => entry.ReturnId == disposal.ReturnId && entry.Cause == cause && entry.Reverses == null)
            .SelectMany(entry => entry.Lines).ToListAsync(cancellationToken);
        ConflictException.ThrowIfOther($"{cause} of {disposal.ReturnId}", [.. sums.Select(sum => (sum.Field, (object?)Text(Booked(lines, sum.Account)), (object?)Text(sum.Told)))]);
    }

    // Nothing is not booked, in no currency.
    private static Sum Booked(IEnumerable<JournalLine> lines, string account) =>
        lines.FirstOrDefault(line => line.Account == account) is { } line ? new Sum(line.Debit + line.Credit, line.Currency) : default;

    private static Sum Of(decimal amount, string currency) => Money.Round(amount, currency) is var rounded and not 0 ? new Sum(rounded, currency) : default;

    private static string Text(Sum sum) => FormattableString.Invariant($"{sum.Amount:0.####} {sum.Currency}").TrimEnd();
}
