using EseErp.Accounting.Costs;
using EseErp.Accounting.Data;
using EseErp.Accounting.Journal;
using EseErp.Contracts;
using EseErp.Contracts.Accounting;
using EseErp.Contracts.Manufacturing;
using EseErp.EventStore;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Accounting.Disposals;

/// <summary>
/// The one place where Accounting works on a disposal, in both modes: consumers and endpoints call it, within a
/// transaction that they own.
/// </summary>
public sealed partial class DisposalDesk(
    AccountingDb db, Documents documents, EarlyFacts earlyFacts, CostBook costBook, Facts facts, Causality causality, TimeProvider clock,
    ILogger<DisposalDesk> log)
{
    /// <summary>Provides for a disposal. One that was opened before is left as it is.</summary>
    public async Task<AssetDisposal> Open(OpenAssetDisposal request, CoordinationMode coordination, CancellationToken cancellationToken)
    {
        if (await Find(request.ReturnId, cancellationToken) is { } known) return known;

        var cost = await costBook.Find(request.Sku, cancellationToken);
        var disposal = AssetDisposal.Of(request, cost, coordination, clock.GetUtcNow());
        Record(disposal, disposal.Open());
        documents.Add(disposal.ReturnId, disposal);
        foreach (var early in await earlyFacts.TakeWithEvents(disposal.ReturnId, cancellationToken))
            Record(disposal, disposal.Apply(early.Fact, new Occasion(clock.GetUtcNow(), early.EventId)));
        return disposal;
    }

    /// <summary>A fact from another team that concerns a disposal. One that overtakes its request is remembered.</summary>
    public async Task Note(string returnId, object fact, CancellationToken cancellationToken)
    {
        if (await Find(returnId, cancellationToken) is { } disposal) Apply(disposal, fact);
        else await earlyFacts.Remember(returnId, fact, cancellationToken);
    }

    /// <summary>The disposal of a return, locked; null when Accounting has not been asked.</summary>
    public ValueTask<AssetDisposal?> Find(string returnId, CancellationToken cancellationToken) =>
        documents.Find<AssetDisposal>(returnId, cancellationToken);

    /// <summary>Applies a fact to a disposal.</summary>
    public void Apply(AssetDisposal disposal, object fact) => Record(disposal, disposal.Apply(fact, Now()));

    /// <summary>Takes a disposal back, and its entry if it is posted.</summary>
    public async Task Reverse(AssetDisposal disposal, string reason, CancellationToken cancellationToken)
    {
        var posted = await db.JournalEntries.AsNoTracking().Include(entry => entry.Lines).SingleOrDefaultAsync(
            entry => entry.ReturnId == disposal.ReturnId && entry.Cause == nameof(DisassemblyCompleted), cancellationToken);
        Record(disposal, disposal.Reverse(reason, posted, Now()));
    }

    private Occasion Now() => new(clock.GetUtcNow(), Guid.TryParse(causality.CausationId, out var eventId) ? eventId : null);

    private void Record(AssetDisposal disposal, IEnumerable<object> happened)
    {
        foreach (var item in happened)
        {
            if (item is JournalEntry entry)
            {
                db.Add(entry);
                LogBooked(entry.ReturnId, entry.Cause, string.Join(", ", entry.Lines.Where(line => line.Debit > 0).Select(line => $"{line.Account} {line.Debit} {line.Currency}")));
                continue;
            }

            facts.Record(disposal.ReturnId, item, disposal.Coordination.Wire());
            switch (item)
            {
                case AssetDisposalOpened opened: LogOpened(opened.ReturnId, opened.ProvisionalCost, opened.Currency); break;
                case AssetDisposalPosted posted: LogPosted(posted.ReturnId, posted.DisposalLoss, posted.Currency); break;
                case AssetDisposalReversed reversed: LogReversed(reversed.ReturnId, reversed.Reason); break;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Disposal of {ReturnId} provided for: {Cost} {Currency}")]
    private partial void LogOpened(string returnId, decimal cost, string currency);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Cause} of {ReturnId} booked: {Debits}")]
    private partial void LogBooked(string returnId, string cause, string debits);

    [LoggerMessage(Level = LogLevel.Information, Message = "Disposal of {ReturnId} posted with a loss of {Loss} {Currency}")]
    private partial void LogPosted(string returnId, decimal loss, string currency);

    [LoggerMessage(Level = LogLevel.Information, Message = "Disposal of {ReturnId} reversed: {Reason}")]
    private partial void LogReversed(string returnId, string reason);
}
