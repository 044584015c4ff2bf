using EseErp.Accounting.Costs;
using EseErp.Accounting.Disposals;
using EseErp.Accounting.Journal;
using EseErp.Contracts;
using EseErp.Contracts.Accounting;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.Sales;
using EseErp.Contracts.UserSupport;

namespace EseErp.Domain.Tests.Accounting;

/// <summary>
/// Accounting's books of one return, without a database: as the desk does, it remembers what comes before the request and
/// writes down what follows from each fact.
/// </summary>
internal sealed class Books(decimal landedCost = 120.50m, string currency = "EUR")
{
    public const string ReturnId = "RMA-2026-000001";
    public const string Sku = "HP-210-BLK";

    private static readonly Occasion Now = new(new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero), Guid.CreateVersion7());

    private readonly List<object> early = [];

    public AssetDisposal? Disposal { get; private set; }

    public List<JournalEntry> Journal { get; } = [];

    public List<object> Facts { get; } = [];

    /// <summary>One of each fact that Accounting reacts to.</summary>
    public static RefundRequest Requested { get; } = new(
        ReturnId, "CASE-1", "C-1", new OrderReference("SO-1", "1"), new ModelReference(Sku), null, new DefectiveItemReference("SN-1"),
        new LocationReference("DE-1"), new CostReference("CC-1", "EUR"), ReturnReason.Defective, Resolution.RefundAndReplace, ReplacementTiming.OnReceipt);

    public static ReturnCancelled Cancelled { get; } = new(ReturnId, "Found the receipt of another shop.");

    public static OrderRefundRejected Rejected { get; } = new(ReturnId, [RejectionReason.NothingPaid]);

    public static RefundIssued Refunded { get; } = new(ReturnId, 199.90m, "CHF");

    public static ItemReceived Received { get; } = new(ReturnId, "SN-1", "scratched");

    public static ReplacementShipped Shipped { get; } = new(ReturnId, Sku);

    public static DisassemblyCompleted Disassembled { get; } = new(ReturnId, 34.25m, 12m, "EUR");

    public static OrderRefundRejected Declined { get; } = new(ReturnId, [RejectionReason.DeclinedOnReview], "Not ours.");

    public static ReturnExpired Expired { get; } = new(ReturnId);

    public static ItemWaived Waived { get; } = new(ReturnId, "Not worth the postage.");

    public static RecalledUnitReturned ReplacementReturned { get; } = new(ReturnId, Sku);

    /// <summary>Of the other device.</summary>
    public const decimal OtherCost = 30.25m;

    public static ItemMismatchAccepted OtherAccepted { get; } = new(ReturnId, null, "SN-2", "SB-1", 45m, "CHF");

    public static RefundRecovered Recovered { get; } = new(ReturnId, 199.90m, "CHF");

    public static ItemDiagnosed Diagnosed(Disposition disposition) => new(ReturnId, "NO_FAULT_FOUND", disposition);

    public Books See(params IEnumerable<object> facts)
    {
        foreach (var fact in facts)
        {
            if (fact is RefundRequest) Open();
            else if (Disposal is null) early.Add(fact);
            else WriteDown(FollowingFrom(fact));
        }

        return this;
    }

    public Books Reverse(string reason = "Reported by mistake.")
    {
        WriteDown(Disposal!.Reverse(reason));
        return this;
    }

    /// <summary>Debit less credit of one account.</summary>
    public decimal Balance(string account, string currency = "EUR") => Journal.SelectMany(entry => entry.Lines)
        .Where(line => line.Account == account && line.Currency == currency)
        .Sum(line => line.Debit - line.Credit);

    /// <summary>Balances, entries and state as text, without the order in which entries were written and what was taken back on the way.</summary>
    public string Outcome() => string.Join('\n', Journal.Where(entry => entry.Reverses is null).Select(Text).Order(StringComparer.Ordinal)
        .Concat(Journal.SelectMany(entry => entry.Lines).GroupBy(line => (line.Account, line.Currency), line => line.Debit - line.Credit)
            .Where(account => account.Sum() != 0).Select(account => $"{account.Key}: {account.Sum()}").Order(StringComparer.Ordinal))
        .Append($"{Disposal?.State} {Disposal?.ProvisionalCost} {Disposal?.DisposalLoss}"));

    /// <summary>What the accounts come to, and the state.</summary>
    public string Balances() => string.Join('\n', Journal.SelectMany(entry => entry.Lines).GroupBy(line => (line.Account, line.Currency), line => line.Debit - line.Credit)
        .Where(account => account.Sum() != 0).Select(account => $"{account.Key}: {account.Sum()}").Order(StringComparer.Ordinal)
        .Append($"{Disposal?.State} {Disposal?.ItemCost} {Disposal?.DisposalLoss}"));

    private static string Text(JournalEntry entry) =>
        $"{entry.Cause}: {string.Join(", ", entry.Lines.Select(line => $"{line.Account} {line.Debit - line.Credit} {line.Currency}"))}";

    private void Open()
    {
        if (Disposal is not null) return;
        Disposal = AssetDisposal.Of(
            new OpenAssetDisposal(ReturnId, Sku, "SN-1", "CC-1"), new UnitCost { Sku = Sku, LandedCost = landedCost, Currency = currency },
            CoordinationMode.Event, Now.At);
        WriteDown(Disposal.Open());
        foreach (var fact in early) WriteDown(FollowingFrom(fact));
    }

    private IEnumerable<object> FollowingFrom(object fact) => fact is ItemMismatchAccepted accepted
        ? Disposal!.Accept(accepted, new UnitCost { Sku = accepted.Sku!, LandedCost = OtherCost, Currency = "EUR" }, Now)
        : Disposal!.Apply(fact, Now);

    private void WriteDown(IEnumerable<object> happened)
    {
        foreach (var item in happened)
            switch (item)
            {
                case JournalEntry entry: Post(entry); break;
                case Reversing reversing when JournalEntry.LatestWord(Journal, reversing.Entry) is { } latest:
                    Post(JournalEntry.Reversal(latest, reversing.Cause, Now));
                    break;
                case Reversing: break;
                default: Facts.Add(item); break;
            }
    }

    // The database numbers entries when they are written.
    private void Post(JournalEntry entry)
    {
        typeof(JournalEntry).GetProperty(nameof(JournalEntry.EntryId))!.SetValue(entry, Journal.Count + 1L);
        Journal.Add(entry);
    }
}
