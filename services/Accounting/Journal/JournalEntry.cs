using EseErp.Contracts;
using EseErp.Contracts.Accounting;

namespace EseErp.Accounting.Journal;

/// <summary>When something is booked, and which event made it known.</summary>
/// <param name="EventId">Null when a person or a program reported it.</param>
public readonly record struct Occasion(DateTimeOffset At, Guid? EventId = null);

/// <summary>An amount to book, not yet on either side: above zero a debit, below zero a credit.</summary>
public readonly record struct Movement(string Account, decimal Amount, string Currency)
{
    public static Movement Debit(string account, decimal amount, string currency) => new(account, Money.Round(amount, currency), currency);

    public static Movement Credit(string account, decimal amount, string currency) => new(account, -Money.Round(amount, currency), currency);
}

/// <summary>
/// What one fact did to the books. Its debits equal its credits in each currency; it is never changed or deleted, only
/// reversed by another entry.
/// </summary>
public sealed class JournalEntry
{
    /// <summary>Given by the database when it is written.</summary>
    public long EntryId { get; private set; }

    public required string ReturnId { get; init; }

    /// <summary>The name of the fact, such as <c>RefundIssued</c>; a return has one entry for each, beside those that take back others.</summary>
    public required string Cause { get; init; }

    public Guid? CauseEventId { get; init; }

    /// <summary>The entry this one takes back.</summary>
    public long? Reverses { get; private init; }

    public required DateTimeOffset PostedAt { get; init; }

    public required CoordinationMode Coordination { get; init; }

    public List<JournalLine> Lines { get; private init; } = [];

    /// <summary>
    /// Books the movements, those on one account and currency as one line. Null when nothing moves: an entry without
    /// amounts would say nothing.
    /// </summary>
    /// <exception cref="InvalidOperationException">The movements do not balance.</exception>
    public static JournalEntry? Post(string returnId, string cause, CoordinationMode coordination, Occasion occasion, params IEnumerable<Movement> movements)
    {
        var lines = movements
            .GroupBy(movement => (movement.Account, movement.Currency), movement => movement.Amount)
            .Select(moved => (moved.Key.Account, moved.Key.Currency, Amount: moved.Sum()))
            .Where(moved => moved.Amount != 0)
            .Select((moved, index) => new JournalLine
            {
                LineNumber = index + 1,
                Account = moved.Account,
                Currency = moved.Currency,
                Debit = Math.Max(moved.Amount, 0),
                Credit = Math.Max(-moved.Amount, 0),
            })
            .ToList();
        if (lines.Count == 0) return null;
        RequireBalance(cause, lines);
        return new JournalEntry
        {
            ReturnId = returnId,
            Cause = cause,
            CauseEventId = occasion.EventId,
            PostedAt = occasion.At,
            Coordination = coordination,
            Lines = lines,
        };
    }

    /// <summary>Takes back an entry that is in the journal: the same lines with their sides changed.</summary>
    public static JournalEntry Reversal(JournalEntry posted, string cause, Occasion occasion) => new()
    {
        ReturnId = posted.ReturnId,
        Cause = cause,
        CauseEventId = occasion.EventId,
        Reverses = posted.EntryId,
        PostedAt = occasion.At,
        Coordination = posted.Coordination,
        Lines = posted.Lines.Select(line => line.OtherSide()).ToList(),
    };

    /// <summary>Of the entry for a fact and those that took it back, and took that back, the last; null when there is none.</summary>
    public static JournalEntry? LatestWord(IReadOnlyCollection<JournalEntry> entries, string cause)
    {
        var latest = entries.SingleOrDefault(entry => entry.Cause == cause && entry.Reverses is null);
        while (entries.FirstOrDefault(entry => latest is not null && entry.Reverses == latest.EntryId) is { } later) latest = later;
        return latest;
    }

    // The database checks this too; here it fails where the mistake was made.
    private static void RequireBalance(string cause, IEnumerable<JournalLine> lines)
    {
        foreach (var currency in lines.GroupBy(line => line.Currency, line => line.Debit - line.Credit))
            if (currency.Sum() is not 0 and var difference)
                throw new InvalidOperationException($"The entry for {cause} is out of balance by {difference} {currency.Key}.");
    }

    public JournalEntryView View() => new(
        EntryId, ReturnId, Cause, CauseEventId, Reverses, PostedAt,
        Lines.OrderBy(line => line.LineNumber).Select(line => new JournalLineView(line.Account, line.Debit, line.Credit, line.Currency)).ToList());
}

/// <summary>One line: either debit or credit is greater than zero, the other is zero.</summary>
public sealed class JournalLine
{
    /// <summary>Counts from 1 within the entry.</summary>
    public required int LineNumber { get; init; }

    /// <summary>One of <see cref="Journal.Account.All"/>.</summary>
    public required string Account { get; init; }

    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }

    public required decimal Debit { get; init; }

    public required decimal Credit { get; init; }

    public JournalLine OtherSide() => new()
    {
        LineNumber = LineNumber,
        Account = Account,
        Currency = Currency,
        Debit = Credit,
        Credit = Debit,
    };
}
