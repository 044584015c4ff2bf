using EseErp.Accounting.Journal;
using EseErp.Contracts;
using static EseErp.Accounting.Journal.Movement;

namespace EseErp.Domain.Tests.Accounting;

public sealed class JournalEntryTests
{
    private static readonly Occasion Now = new(new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public void Should_refuse_an_entry_that_does_not_balance() =>
        Should.Throw<InvalidOperationException>(() => Post(Debit(Account.SalesReturns, 10, "EUR"), Credit(Account.CustomerRefundsPayable, 9.99m, "EUR")));

    [Fact]
    public void Should_refuse_an_entry_that_balances_only_across_currencies() =>
        Should.Throw<InvalidOperationException>(() => Post(Debit(Account.SalesReturns, 10, "EUR"), Credit(Account.CustomerRefundsPayable, 10, "CHF")));

    [Fact]
    public void Should_write_no_entry_without_amounts() =>
        Post(Debit(Account.SalesReturns, 0.004m, "EUR"), Credit(Account.CustomerRefundsPayable, 0.004m, "EUR")).ShouldBeNull();

    [Fact]
    public void Should_net_movements_on_one_account_into_one_line()
    {
        var entry = Post(Debit(Account.DisposalLoss, 100, "EUR"), Credit(Account.DisposalLoss, 30, "EUR"), Credit(Account.ReturnedGoods, 70, "EUR"))!;

        entry.Lines.Select(line => (line.LineNumber, line.Account, line.Debit, line.Credit))
            .ShouldBe([(1, Account.DisposalLoss, 70, 0), (2, Account.ReturnedGoods, 0, 70)]);
    }

    [Fact]
    public void Should_put_a_negative_debit_on_the_credit_side()
    {
        var entry = Post(Debit(Account.DisposalLoss, -5, "EUR"), Credit(Account.ReturnedGoods, -5, "EUR"))!;

        entry.Lines.Select(line => (line.Account, line.Debit, line.Credit))
            .ShouldBe([(Account.DisposalLoss, 0, 5), (Account.ReturnedGoods, 5, 0)]);
    }

    [Fact]
    public void Should_reverse_an_entry_line_by_line()
    {
        var posted = Post(Debit(Account.SalesReturns, 10, "EUR"), Credit(Account.CustomerRefundsPayable, 10, "EUR"))!;

        var reversal = JournalEntry.Reversal(posted, "AssetDisposalReversed", Now);

        reversal.Reverses.ShouldBe(posted.EntryId);
        reversal.ReturnId.ShouldBe(posted.ReturnId);
        reversal.Lines.Select(line => (line.Account, line.Debit, line.Credit))
            .ShouldBe([(Account.SalesReturns, 0, 10), (Account.CustomerRefundsPayable, 10, 0)]);
    }

    private static JournalEntry? Post(params Movement[] movements) =>
        JournalEntry.Post("RMA-2026-000001", "RefundIssued", CoordinationMode.Event, Now, movements);
}
