using EseErp.Accounting.Costs;
using EseErp.Accounting.Data;
using EseErp.Accounting.Journal;
using EseErp.Contracts;
using EseErp.Contracts.Accounting;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.Sales;
using EseErp.EventStore;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Accounting.Disposals;

/// <summary>
/// The one place where Accounting works on a disposal, in both modes: consumers and endpoints call it, within a
/// transaction that they own.
/// </summary>
public sealed partial class DisposalDesk(
    AccountingDb db, Documents documents, EarlyFacts earlyFacts, Drivers drivers, CostBook costBook, Contradictions contradictions, Facts facts, Causality causality,
    TimeProvider clock, ILogger<DisposalDesk> log)
{
    /// <summary>Provides for a disposal. One that was opened before is left as it is.</summary>
    /// <exception cref="ConflictException">Another one was opened under its id, or it is coordinated in another way.</exception>
    public async Task<AssetDisposal> Open(OpenAssetDisposal request, CoordinationMode coordination, CancellationToken cancellationToken)
    {
        if (await Find(request.ReturnId, cancellationToken) is { } known)
        {
            ConflictException.ThrowIfOther(
                $"asset disposal of {known.ReturnId}", ("coordination", known.Coordination, coordination), ("sku", known.Sku, request.Sku),
                ("serialNumber", known.SerialNumber, SerialNumbers.AsKnown(known.SerialNumber, request.SerialNumber)), ("costCenter", known.CostCenter, request.CostCenter));
            await drivers.ThrowIfAnothers(request.ReturnId, cancellationToken);
            return known;
        }

        if (!ReturnIds.CanBeFiled(request.ReturnId, clock.GetUtcNow())) throw ConflictException.NoReturn(request.ReturnId);
        var cost = await costBook.Find(request.Sku, cancellationToken);
        var disposal = AssetDisposal.Of(request, cost, coordination, clock.GetUtcNow());
        await Record(disposal, disposal.Open(), Now(), cancellationToken);
        documents.Add(disposal.ReturnId, disposal);
        drivers.Open(disposal.ReturnId);
        var overtaken = await earlyFacts.TakeWithEvents(disposal.ReturnId, cancellationToken);
        if (overtaken.Count > 0 && coordination == CoordinationMode.Traditional) throw ConflictException.CoordinatedByEvents(request.ReturnId);
        foreach (var early in overtaken) await Apply(disposal, early.Fact, new Occasion(clock.GetUtcNow(), early.EventId), cancellationToken);

        return disposal;
    }

    /// <summary>A fact from another team that concerns a disposal. One that overtakes its request is remembered.</summary>
    /// <exception cref="ConflictException">It contradicts what was noted before, or the return is coordinated by calls.</exception>
    public async Task Note(string returnId, object fact, CancellationToken cancellationToken)
    {
        if (await Find(returnId, cancellationToken) is not { } disposal) earlyFacts.Remember(returnId, fact);
        else if (disposal.Coordination == CoordinationMode.Traditional) throw ConflictException.CoordinatedByCalls(returnId);
        else await Apply(disposal, fact, cancellationToken);
    }

    /// <summary>The disposal of a return, locked; null when Accounting has not been asked.</summary>
    public ValueTask<AssetDisposal?> Find(string returnId, CancellationToken cancellationToken) =>
        documents.Find<AssetDisposal>(returnId, cancellationToken);

    /// <summary>The disposal of a return that is driven by calls, locked; null when Accounting has not been asked.</summary>
    /// <returns>Also whether its own driver calls, who tells what has happened.</returns>
    /// <exception cref="ConflictException">It is coordinated by events, or somebody else drives it.</exception>
    public async Task<(AssetDisposal? Disposal, bool ByItsDriver)> FindDriven(string returnId, CancellationToken cancellationToken)
    {
        var disposal = await Find(returnId, cancellationToken);
        if (disposal?.Coordination == CoordinationMode.Event) throw ConflictException.CoordinatedByEvents(returnId);
        return (disposal, await drivers.Drive(returnId, cancellationToken));
    }

    /// <summary>Applies a fact to a disposal.</summary>
    /// <exception cref="ConflictException">It contradicts what was noted before.</exception>
    public Task Apply(AssetDisposal disposal, object fact, CancellationToken cancellationToken) => Apply(disposal, fact, Now(), cancellationToken);

    private async Task Apply(AssetDisposal disposal, object fact, Occasion occasion, CancellationToken cancellationToken)
    {
        await contradictions.ThrowIfAny(disposal, fact, cancellationToken);
        var happened = fact is ItemMismatchAccepted accepted
            ? disposal.Accept(accepted, await CostOf(accepted, disposal, cancellationToken), occasion)
            : disposal.Apply(fact, occasion);
        await Record(disposal, happened, occasion, cancellationToken);
    }

    private async ValueTask<UnitCost?> CostOf(ItemMismatchAccepted accepted, AssetDisposal disposal, CancellationToken cancellationToken) =>
        accepted.Sku is null || accepted.Sku == disposal.Sku ? null : await costBook.Find(accepted.Sku, cancellationToken);

    /// <summary>Takes a disposal back, and its entry if it is posted.</summary>
    public Task Reverse(AssetDisposal disposal, string reason, CancellationToken cancellationToken) =>
        Record(disposal, disposal.Reverse(reason), Now(), cancellationToken);

    private Occasion Now() => new(clock.GetUtcNow(), Guid.TryParse(causality.CausationId, out var eventId) ? eventId : null);

    private async Task Record(AssetDisposal disposal, IEnumerable<object> happened, Occasion occasion, CancellationToken cancellationToken)
    {
        foreach (var item in happened)
        {
            if (item is JournalEntry or Reversing)
            {
                var entry = item as JournalEntry ?? await Reversal(disposal, (Reversing)item, occasion, cancellationToken);
                if (entry is not null) Post(entry);
                continue;
            }

            facts.Record(disposal.ReturnId, item, disposal.Coordination.Wire());
            switch (item)
            {
                case AssetDisposalOpened opened: LogOpened(opened.ReturnId, opened.ProvisionalCost, opened.Currency); break;
                case AssetDisposalRevalued revalued: LogRevalued(revalued.ReturnId, revalued.Sku, revalued.ProvisionalCost, revalued.Currency); break;
                case AssetDisposalPosted posted: LogPosted(posted.ReturnId, posted.DisposalLoss, posted.Currency); break;
                case AssetDisposalReversed reversed: LogReversed(reversed.ReturnId, reversed.Reason); break;
            }
        }
    }

    private void Post(JournalEntry entry)
    {
        db.Add(entry);
        LogBooked(entry.ReturnId, entry.Cause, string.Join(", ", entry.Lines.Where(line => line.Debit > 0).Select(line => $"{line.Account} {line.Debit} {line.Currency}")));
    }

    // Null when the entry moved nothing, so that there is none. An entry of this transaction has no number before it is written.
    private async Task<JournalEntry?> Reversal(AssetDisposal disposal, Reversing reversing, Occasion occasion, CancellationToken cancellationToken)
    {
        await db.SaveChangesAsync(cancellationToken);
        var entries = await db.JournalEntries.AsNoTracking().Include(entry => entry.Lines)
            .Where(entry => entry.ReturnId == disposal.ReturnId).ToListAsync(cancellationToken);
        var latest = JournalEntry.LatestWord(entries, reversing.Entry);
        return latest is null ? null : JournalEntry.Reversal(latest, reversing.Cause, occasion);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Disposal of {ReturnId} provided for: {Cost} {Currency}")]
    private partial void LogOpened(string returnId, decimal cost, string currency);

    [LoggerMessage(Level = LogLevel.Information, Message = "Disposal of {ReturnId} is of one {Sku} from now on: {Cost} {Currency}")]
    private partial void LogRevalued(string returnId, string sku, decimal cost, string currency);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Cause} of {ReturnId} booked: {Debits}")]
    private partial void LogBooked(string returnId, string cause, string debits);

    [LoggerMessage(Level = LogLevel.Information, Message = "Disposal of {ReturnId} posted with a loss of {Loss} {Currency}")]
    private partial void LogPosted(string returnId, decimal loss, string currency);

    [LoggerMessage(Level = LogLevel.Information, Message = "Disposal of {ReturnId} reversed: {Reason}")]
    private partial void LogReversed(string returnId, string reason);
}
