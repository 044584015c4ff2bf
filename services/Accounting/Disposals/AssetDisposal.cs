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

/// <summary>
/// Accounting's side of one return: its state and its rules. Every method answers with the journal entries and facts that
/// follow, none if nothing does; it knows neither clock nor database.
/// </summary>
/// <remarks>
/// Facts of different teams come in any order, so journal and state depend on which facts are known and never on their
/// order: goods and money that moved are booked whatever the state, and a unit that was taken apart is disposed of even if
/// its return was called off meanwhile.
/// </remarks>
public sealed class AssetDisposal
{
    public required string ReturnId { get; init; }

    public required string Sku { get; init; }

    public required string SerialNumber { get; init; }

    public required string CostCenter { get; init; }

    public required CoordinationMode Coordination { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>The unit's landed cost when the return was opened; all entries of the return value the unit at it.</summary>
    public required decimal ProvisionalCost { get; init; }

    /// <summary>ISO 4217, of <see cref="ProvisionalCost"/> and <see cref="DisposalLoss"/>.</summary>
    public required string Currency { get; init; }

    public AssetDisposalState State { get; private set; }

    /// <summary>Known once posted; negative when more was recovered than the unit cost.</summary>
    public decimal? DisposalLoss { get; private set; }

    /// <summary>The facts that are booked, so that none is booked twice even if it moved nothing.</summary>
    public List<string> Booked { get; private set; } = [];

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
    public IEnumerable<object> Apply(object fact, Occasion occasion) => fact switch
    {
        RefundIssued refund => Book(fact, occasion,
            Debit(Account.SalesReturns, refund.Amount, refund.Currency), Credit(Account.CustomerRefundsPayable, refund.Amount, refund.Currency)),
        ItemReceived => Book(fact, occasion,
            Debit(Account.ReturnedGoods, ProvisionalCost, Currency), Credit(Account.CostOfGoodsSold, ProvisionalCost, Currency)),
        ReplacementShipped => Book(fact, occasion,
            Debit(Account.WarrantyExpense, ProvisionalCost, Currency), Credit(Account.FinishedGoods, ProvisionalCost, Currency)),
        DisassemblyCompleted completed => Complete(completed, occasion),
        ItemDiagnosed diagnosed => LivesOn(diagnosed) ? Release($"The unit lives on: {diagnosed.Disposition}.") : [],
        OrderRefundRejected rejected => Release($"The refund was rejected: {string.Join(", ", rejected.Reasons)}."),
        ReturnCancelled cancelled => Release(cancelled.Reason),
        _ => throw new ArgumentOutOfRangeException(nameof(fact), fact.GetType(), "Accounting does not react to this fact."),
    };

    /// <summary>
    /// Why a report is refused in the present state; null if it is not. Only for reports from callers, who can still be
    /// told: a fact that a team has published has happened.
    /// </summary>
    public string? ReasonToRefuse(object fact) => fact switch
    {
        DisassemblyCompleted when State == AssetDisposalState.Reversed && !IsBooked(fact) =>
            "The disposal was reversed: this unit is not to be taken apart.",
        ItemDiagnosed diagnosed when State == AssetDisposalState.Posted && LivesOn(diagnosed) =>
            "The disposal is posted: this unit was taken apart.",
        _ => null,
    };

    /// <summary>Takes the disposal back on a person's or a program's word, even when it is posted.</summary>
    /// <param name="posted">The entry of the disassembly; null when it moved nothing or there was none.</param>
    public IEnumerable<object> Reverse(string reason, JournalEntry? posted, Occasion occasion)
    {
        if (State == AssetDisposalState.Reversed) yield break;
        if (State == AssetDisposalState.Posted && posted is not null)
            yield return JournalEntry.Reversal(posted, nameof(AssetDisposalReversed), occasion);
        (State, DisposalLoss) = (AssetDisposalState.Reversed, null);
        yield return new AssetDisposalReversed(ReturnId, reason);
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
        if (IsBooked(completed)) yield break;
        var entries = Book(completed, occasion,
            Debit(Account.ComponentInventory, completed.RecoveredValue, completed.Currency),
            Debit(Account.DisposalLoss, ProvisionalCost, Currency),
            Credit(Account.DisposalLoss, completed.RecoveredValue, completed.Currency),
            Debit(Account.ReturnProcessingExpense, completed.LabourCost, completed.Currency),
            Credit(Account.ReturnedGoods, ProvisionalCost, Currency),
            Credit(Account.AccruedLabour, completed.LabourCost, completed.Currency));
        foreach (var entry in entries) yield return entry;
        var recovered = completed.Currency == Currency ? Money.Round(completed.RecoveredValue, Currency) : 0;
        (State, DisposalLoss) = (AssetDisposalState.Posted, ProvisionalCost - recovered);
        yield return new AssetDisposalPosted(ReturnId, DisposalLoss.Value, recovered, Currency);
    }

    private IEnumerable<object> Book(object fact, Occasion occasion, params IEnumerable<Movement> movements)
    {
        if (IsBooked(fact)) yield break;
        var cause = fact.GetType().Name;
        Booked = [.. Booked, cause];
        if (JournalEntry.Post(ReturnId, cause, Coordination, occasion, movements) is { } entry) yield return entry;
    }

    private bool IsBooked(object fact) => Booked.Contains(fact.GetType().Name);

    private static bool LivesOn(ItemDiagnosed diagnosed) => diagnosed.Disposition is Disposition.ReturnToStock or Disposition.ReturnToCustomer;

    public AssetDisposalView View() => new(
        ReturnId, Sku, SerialNumber, CostCenter, State, ProvisionalCost, DisposalLoss, Currency, RequestedAt, Coordination);
}
