using EseErp.Accounting.Journal;
using EseErp.Contracts;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.Sales;
using FsCheck;
using FsCheck.Fluent;

namespace EseErp.Domain.Tests.Accounting;

/// <summary>What holds in the books whatever happened.</summary>
public sealed class JournalProperties
{
    // Stands for a person who takes the disposal back.
    private static readonly object TakenBack = new();

    private static readonly Gen<string> Currencies = Gen.Elements("EUR", "CHF", "JPY", "KWD");

    // More digits than any currency has, so that rounding takes part.
    private static readonly Gen<decimal> Amounts = Gen.OneOf(Gen.Constant(0m), Gen.Choose(0, 20_000_000).Select(number => number / 100_000m));

    private static readonly Gen<object> SomeFact = Gen.OneOf(
        Gen.Elements<object>(Books.Requested, Books.Received, Books.Shipped, Books.Cancelled, Books.Rejected, Books.Declined, Books.Expired, Books.Waived,
            Books.ReplacementReturned, Books.Recovered, Books.OtherAccepted, TakenBack),
        Gen.Elements(Enum.GetValues<Disposition>()).Select(object (disposition) => Books.Diagnosed(disposition)),
        Amounts.Zip(Currencies, object (amount, currency) => new RefundIssued(Books.ReturnId, amount, currency)),
        from recovered in Amounts
        from labour in Amounts
        from currency in Currencies
        select (object)new DisassemblyCompleted(Books.ReturnId, recovered, labour, currency));

    private static readonly Gen<Books> History =
        from landedCost in Amounts
        from currency in Currencies
        from facts in SomeFact.ListOf()
        select Lived(landedCost, currency, facts);

    [Fact]
    public void Should_have_a_trial_balance_of_zero_after_any_history_of_any_returns() => Check(History.ListOf(), returns =>
        returns.SelectMany(books => books.Journal).SelectMany(entry => entry.Lines)
            .GroupBy(line => line.Currency, line => line.Debit - line.Credit)
            .ShouldAllBe(currency => currency.Sum() == 0));

    [Fact]
    public void Should_balance_every_entry_in_each_currency() => Check(History, books =>
    {
        foreach (var entry in books.Journal)
        {
            entry.Lines.ShouldNotBeEmpty();
            entry.Lines.GroupBy(line => line.Currency, line => line.Debit - line.Credit).ShouldAllBe(currency => currency.Sum() == 0);
        }
    });

    [Fact]
    public void Should_put_an_amount_on_one_side_of_each_line_and_round_it() => Check(History, books =>
    {
        foreach (var line in books.Journal.SelectMany(entry => entry.Lines))
        {
            (line.Debit > 0 ^ line.Credit > 0).ShouldBeTrue();
            Math.Min(line.Debit, line.Credit).ShouldBe(0);
            Money.Round(line.Debit + line.Credit, line.Currency).ShouldBe(line.Debit + line.Credit);
        }
    });

    [Fact]
    public void Should_write_at_most_one_entry_per_cause() => Check(History, books =>
        books.Journal.Where(entry => entry.Reverses is null).Select(entry => entry.Cause).ShouldBeUnique());

    [Fact]
    public void Should_take_back_an_entry_once_and_as_a_whole() => Check(History, books =>
    {
        var reversals = books.Journal.Where(entry => entry.Reverses is not null).ToList();
        reversals.Select(entry => entry.Reverses).ShouldBeUnique();
        foreach (var reversal in reversals)
        {
            var entry = books.Journal.Single(posted => posted.EntryId == reversal.Reverses);
            reversal.Lines.Select(line => (line.Account, line.Currency, line.Debit, line.Credit))
                .ShouldBe(entry.Lines.Select(line => (line.Account, line.Currency, line.Credit, line.Debit)));
        }
    });

    [Fact]
    public void Should_leave_nothing_of_a_disassembly_that_was_taken_back() => Check(History, books =>
    {
        if (books.Journal.All(entry => entry.Cause != "AssetDisposalReversed")) return;
        books.Journal.SelectMany(entry => entry.Lines).Where(line => line.Account == Account.DisposalLoss)
            .Sum(line => line.Debit - line.Credit).ShouldBe(0);
    });

    private static Books Lived(decimal landedCost, string currency, IEnumerable<object> facts)
    {
        var books = new Books(landedCost, currency);
        foreach (var fact in facts)
            if (fact != TakenBack) books.See(fact);
            else if (books.Disposal is not null) books.Reverse();
        return books;
    }

    private static void Check<T>(Gen<T> generator, Action<T> property) =>
        Prop.ForAll(generator.ToArbitrary(), property).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
}
