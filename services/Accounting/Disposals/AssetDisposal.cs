using EseErp.Accounting.Costs;
using EseErp.Accounting.Journal;
using EseErp.Contracts;
using EseErp.Contracts.Accounting;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.Sales;
using EseErp.Contracts.UserSupport;
using static EseErp.Accounting.Journal.Movement;

namespace EseErp.Accounting.Disposals;

/// <summary>An entry does not hold, or holds after all: its latest word is taken back by another entry.</summary>
/// <param name="Entry">The fact whose entry it is.</param>
/// <param name="Cause">The fact that says so.</param>
public sealed record Reversing(string Entry, string Cause);

/// <summary>
/// Accounting's side of one return: its state and its rules. Every method answers with the journal entries and facts that
/// follow, none if nothing does; it knows neither clock nor database.
/// </summary>
/// <remarks>
/// Facts of different teams come in any order, so balances and state depend on which facts are known and never on their
/// order: goods and money that moved are booked whatever the state, and a unit that was taken apart is disposed of even if
/// its return was called off meanwhile. What turns out not to hold is taken back by another entry, see <see cref="Reversing"/>.
/// </remarks>
public sealed class AssetDisposal
{
    public required string ReturnId { get; init; }

    public required string Sku { get; init; }

    public required string SerialNumber { get; init; }

    public required string CostCenter { get; init; }

    public required CoordinationMode Coordination { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>Landed cost of the announced unit when the return was opened; its replacement is valued at it.</summary>
    public required decimal ProvisionalCost { get; init; }

    /// <summary>ISO 4217, of <see cref="ProvisionalCost"/>.</summary>
    public required string Currency { get; init; }

    /// <summary>The other device that came and was accepted; null otherwise.</summary>
    public string? ReturnedSerialNumber { get; private set; }

    /// <summary>Its model, if that is another one than was announced.</summary>
    public string? ReturnedSku { get; private set; }

    /// <summary>Its landed cost when it was accepted, if it is of another model.</summary>
    public decimal? ReturnedCost { get; private set; }

    /// <summary>ISO 4217, of <see cref="ReturnedCost"/>.</summary>
    public string? ReturnedCurrency { get; private set; }

    /// <summary>What the unit that comes back is valued at.</summary>
    public decimal ItemCost => ReturnedCost ?? ProvisionalCost;

    /// <summary>ISO 4217, of <see cref="ItemCost"/> and <see cref="DisposalLoss"/>.</summary>
    public string ItemCurrency => ReturnedCurrency ?? Currency;

    public AssetDisposalState State { get; private set; }

    /// <summary>Known once posted; negative when more was recovered than the unit cost.</summary>
    public decimal? DisposalLoss { get; private set; }

    /// <summary>The facts that are booked, so that none is booked twice even if it moved nothing.</summary>
    public List<string> Booked { get; private set; } = [];

    /// <summary>The facts whose entry is taken back at present.</summary>
    public List<string> TakenBack { get; private set; } = [];

    /// <summary>The refund was rejected: an item that is in goes back to the customer, if it still exists.</summary>
    public bool IsRejected { get; private set; }

    /// <summary>Where a unit goes that lives on; null while it is not known to. One that is in stock is in stock, whatever is said beside.</summary>
    public Disposition? Disposition { get; private set; }

    /// <summary>The customer gave the money back.</summary>
    public bool IsRefundRecovered { get; private set; }

    /// <summary>The replacement came back.</summary>
    public bool IsReplacementReturned { get; private set; }

    /// <summary>A new disposal at the unit's landed cost.</summary>
    public static AssetDisposal Of(OpenAssetDisposal request, UnitCost cost, CoordinationMode coordination, DateTimeOffset now) => new()
    {
        ReturnId = request.ReturnId,
        Sku = request.Sku,
        SerialNumber = request.SerialNumber,
        CostCenter = request.CostCenter,
        Coordination = coordination,
        RequestedAt = now,
        ProvisionalCost = Money.Round(cost.LandedCost, cost.Currency),
        Currency = cost.Currency,
    };

    /// <summary>The expected cost is provided for.</summary>
    public IEnumerable<object> Open()
    {
        State = AssetDisposalState.Provisional;
        yield return new AssetDisposalOpened(ReturnId, ProvisionalCost, Currency);
    }

    /// <summary>Something happened to the return.</summary>
    public IEnumerable<object> Apply(object fact, Occasion occasion) => Happens(fact, occasion).Concat(Reconciled(fact));

    /// <summary>Sales has accepted another device than was announced: from now on the unit is valued as that one.</summary>
    /// <param name="cost">Landed cost of its model, if that is another one; null otherwise.</param>
    public IEnumerable<object> Accept(ItemMismatchAccepted accepted, UnitCost? cost, Occasion occasion) =>
        TakeInstead(accepted, cost, occasion).Concat(Reconciled(accepted));

    // What was booked before it was known stays, and another entry adds the difference.
    private IEnumerable<object> TakeInstead(ItemMismatchAccepted accepted, UnitCost? cost, Occasion occasion)
    {
        if (ReturnedSerialNumber is not null || accepted.SerialNumber is null) yield break;
        ReturnedSerialNumber = accepted.SerialNumber;
        if (cost is null) yield break;
        (ReturnedSku, ReturnedCost, ReturnedCurrency) = (cost.Sku, Money.Round(cost.LandedCost, cost.Currency), cost.Currency);
        var revalued = new AssetDisposalRevalued(ReturnId, ReturnedSku, ItemCost, ItemCurrency);
        yield return revalued;
        List<Movement> before = [];
        if (IsBooked(nameof(ItemReceived))) before.AddRange(Difference(Account.ReturnedGoods, Account.CostOfGoodsSold));
        if (IsBooked(nameof(ItemDiagnosed))) before.AddRange(Difference(Account.FinishedGoods, Account.ReturnedGoods));
        if (before.Count > 0)
            foreach (var entry in Book(accepted, occasion, before)) yield return entry;
        // A disassembly counts as long as it is posted: a person may have taken it back.
        if (State != AssetDisposalState.Posted) yield break;
        foreach (var entry in Book(revalued, occasion, Difference(Account.DisposalLoss, Account.ReturnedGoods))) yield return entry;
        // Parts count where they are valued in the unit's currency.
        var recovered = ItemCurrency == Currency ? ProvisionalCost - DisposalLoss!.Value : 0;
        DisposalLoss = ItemCost - recovered;
        yield return new AssetDisposalPosted(ReturnId, DisposalLoss.Value, recovered, ItemCurrency);
    }

    // From the announced unit's cost to that of the one that came.
    private IEnumerable<Movement> Difference(string debit, string credit) =>
    [
        Debit(debit, ItemCost, ItemCurrency), Credit(credit, ItemCost, ItemCurrency),
        Credit(debit, ProvisionalCost, Currency), Debit(credit, ProvisionalCost, Currency),
    ];

    private IEnumerable<object> Happens(object fact, Occasion occasion)
    {
        switch (fact)
        {
            case RefundIssued refund:
                return Book(fact, occasion,
                    Debit(Account.SalesReturns, refund.Amount, refund.Currency), Credit(Account.CustomerRefundsPayable, refund.Amount, refund.Currency));
            case ItemReceived:
                return Book(fact, occasion,
                    Debit(Account.ReturnedGoods, ItemCost, ItemCurrency), Credit(Account.CostOfGoodsSold, ItemCost, ItemCurrency));
            case ReplacementShipped:
                return Book(fact, occasion,
                    Debit(Account.WarrantyExpense, ProvisionalCost, Currency), Credit(Account.FinishedGoods, ProvisionalCost, Currency));
            case DisassemblyCompleted completed:
                return Complete(completed, occasion);
            case ItemDiagnosed diagnosed:
                return Inspect(diagnosed, occasion);
            case OrderRefundRejected rejected:
                IsRejected = true;
                return Release(rejected.Note ?? $"The refund was rejected: {string.Join(", ", rejected.Reasons)}.");
            case RefundRecovered:
                IsRefundRecovered = true;
                return [];
            case RecalledUnitReturned:
                IsReplacementReturned = true;
                return [];
            case ReturnCancelled cancelled:
                return Release(cancelled.Reason);
            case ReturnExpired:
                return Release("The item did not come back in time.");
            case ItemWaived waived:
                return Release(waived.Reason);
            default:
                throw new ArgumentOutOfRangeException(nameof(fact), fact.GetType(), "Accounting does not react to this fact.");
        }
    }

    // Which entries must not count, by all that is known; what is already so is left alone.
    private IEnumerable<object> Reconciled(object fact)
    {
        var staysHere = Disposition == Contracts.Disposition.ReturnToStock || IsBooked(nameof(DisassemblyCompleted));
        var goesBack = (IsRejected || Disposition == Contracts.Disposition.ReturnToCustomer) && !staysHere;
        foreach (var (entry, mustBeBack) in new[]
                 {
                     (nameof(ItemReceived), goesBack), (nameof(ItemMismatchAccepted), goesBack), (nameof(RefundIssued), IsRefundRecovered), (nameof(ReplacementShipped), IsReplacementReturned),
                 })
        {
            if (!IsBooked(entry) || TakenBack.Contains(entry) == mustBeBack) continue;
            TakenBack = mustBeBack ? [.. TakenBack, entry] : [.. TakenBack.Where(other => other != entry)];
            yield return new Reversing(entry, fact.GetType().Name);
        }
    }

    /// <summary>
    /// Why a report is refused in the present state; null if it is not. Only for reports from callers, who can still be
    /// told: a fact that a team has published has happened.
    /// </summary>
    public string? ReasonToRefuse(object fact) => fact switch
    {
        DisassemblyCompleted when State == AssetDisposalState.Reversed && !IsBooked(nameof(DisassemblyCompleted)) =>
            "The disposal was reversed: this unit is not to be taken apart.",
        ItemDiagnosed diagnosed when State == AssetDisposalState.Posted && LivesOn(diagnosed) =>
            "The disposal is posted: this unit was taken apart.",
        _ => null,
    };

    /// <summary>Takes the disposal back on a person's or a program's word, even when it is posted.</summary>
    public IEnumerable<object> Reverse(string reason)
    {
        if (State == AssetDisposalState.Reversed) yield break;
        if (State == AssetDisposalState.Posted)
        {
            yield return new Reversing(nameof(DisassemblyCompleted), nameof(AssetDisposalReversed));
            if (IsBooked(nameof(AssetDisposalRevalued))) yield return new Reversing(nameof(AssetDisposalRevalued), nameof(AssetDisposalReversed));
        }

        (State, DisposalLoss) = (AssetDisposalState.Reversed, null);
        yield return new AssetDisposalReversed(ReturnId, reason);
    }

    private IEnumerable<object> Inspect(ItemDiagnosed diagnosed, Occasion occasion)
    {
        if (!LivesOn(diagnosed)) return [];
        if (Disposition != Contracts.Disposition.ReturnToStock) Disposition = diagnosed.Disposition;
        var released = Release($"The device is not scrapped: {diagnosed.Disposition}.");
        return diagnosed.Disposition == Contracts.Disposition.ReturnToStock
            ? Book(diagnosed, occasion, Debit(Account.FinishedGoods, ItemCost, ItemCurrency), Credit(Account.ReturnedGoods, ItemCost, ItemCurrency)).Concat(released)
            : released;
    }

    // What is posted stays posted: the unit no longer exists, whatever became of its return.
    private IEnumerable<object> Release(string reason)
    {
        if (State != AssetDisposalState.Provisional) yield break;
        State = AssetDisposalState.Reversed;
        yield return new AssetDisposalReversed(ReturnId, reason);
    }

    // The unit leaves the books at its cost and its parts enter them at their value; the loss is what is between. There is
    // no rate of exchange here: parts valued in another currency meet the loss account in theirs.
    private IEnumerable<object> Complete(DisassemblyCompleted completed, Occasion occasion)
    {
        if (IsBooked(nameof(DisassemblyCompleted))) yield break;
        var entries = Book(completed, occasion,
            Debit(Account.ComponentInventory, completed.RecoveredValue, completed.Currency),
            Debit(Account.DisposalLoss, ItemCost, ItemCurrency),
            Credit(Account.DisposalLoss, completed.RecoveredValue, completed.Currency),
            Debit(Account.ReturnProcessingExpense, completed.LabourCost, completed.Currency),
            Credit(Account.ReturnedGoods, ItemCost, ItemCurrency),
            Credit(Account.AccruedLabour, completed.LabourCost, completed.Currency));
        foreach (var entry in entries) yield return entry;
        var recovered = completed.Currency == ItemCurrency ? Money.Round(completed.RecoveredValue, ItemCurrency) : 0;
        (State, DisposalLoss) = (AssetDisposalState.Posted, ItemCost - recovered);
        yield return new AssetDisposalPosted(ReturnId, DisposalLoss.Value, recovered, ItemCurrency);
    }

    private IEnumerable<object> Book(object fact, Occasion occasion, params IEnumerable<Movement> movements)
    {
        var cause = fact.GetType().Name;
        if (IsBooked(cause)) yield break;
        Booked = [.. Booked, cause];
        if (JournalEntry.Post(ReturnId, cause, Coordination, occasion, movements) is { } entry) yield return entry;
    }

    private bool IsBooked(string fact) => Booked.Contains(fact);

    private static bool LivesOn(ItemDiagnosed diagnosed) =>
        diagnosed.Disposition is Contracts.Disposition.ReturnToStock or Contracts.Disposition.ReturnToCustomer;

    public AssetDisposalView View() => new(
        ReturnId, ReturnedSku ?? Sku, ReturnedSerialNumber ?? SerialNumber, CostCenter, State, ItemCost, DisposalLoss, ItemCurrency, RequestedAt, Coordination,
        ReturnedSerialNumber is null ? null : new DeviceView(Sku, SerialNumber));
}
