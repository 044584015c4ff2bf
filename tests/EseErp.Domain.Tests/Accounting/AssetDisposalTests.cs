using EseErp.Accounting.Journal;
using EseErp.Contracts;
using EseErp.Contracts.Accounting;
using EseErp.Contracts.Manufacturing;

namespace EseErp.Domain.Tests.Accounting;

public sealed class AssetDisposalTests
{
    [Fact]
    public void Should_provide_for_the_disposal_at_landed_cost_without_touching_the_journal()
    {
        var books = new Books().See(Books.Requested);

        books.Facts.ShouldBe([new AssetDisposalOpened(Books.ReturnId, 120.50m, "EUR")]);
        books.Disposal!.State.ShouldBe(AssetDisposalState.Provisional);
        books.Journal.ShouldBeEmpty();
    }

    [Fact]
    public void Should_book_the_refund_in_its_own_currency()
    {
        var books = new Books().See(Books.Requested, Books.Refunded);

        books.Balance(Account.SalesReturns, "CHF").ShouldBe(199.90m);
        books.Balance(Account.CustomerRefundsPayable, "CHF").ShouldBe(-199.90m);
    }

    [Fact]
    public void Should_book_the_item_and_the_replacement_at_landed_cost()
    {
        var books = new Books().See(Books.Requested, Books.Received, Books.Shipped);

        books.Balance(Account.ReturnedGoods).ShouldBe(120.50m);
        books.Balance(Account.CostOfGoodsSold).ShouldBe(-120.50m);
        books.Balance(Account.WarrantyExpense).ShouldBe(120.50m);
        books.Balance(Account.FinishedGoods).ShouldBe(-120.50m);
    }

    [Fact]
    public void Should_post_the_disposal_when_the_item_was_taken_apart()
    {
        var books = new Books().See(Books.Requested, Books.Received, Books.Disassembled);

        books.Disposal!.State.ShouldBe(AssetDisposalState.Posted);
        books.Facts[^1].ShouldBe(new AssetDisposalPosted(Books.ReturnId, 86.25m, 34.25m, "EUR"));
        books.Balance(Account.ComponentInventory).ShouldBe(34.25m);
        books.Balance(Account.DisposalLoss).ShouldBe(86.25m);
        books.Balance(Account.ReturnProcessingExpense).ShouldBe(12m);
        books.Balance(Account.AccruedLabour).ShouldBe(-12m);
        books.Balance(Account.ReturnedGoods).ShouldBe(0);
    }

    [Fact]
    public void Should_credit_the_loss_account_when_more_was_recovered_than_the_unit_cost()
    {
        var books = new Books(landedCost: 20).See(Books.Requested, Books.Disassembled);

        books.Disposal!.DisposalLoss.ShouldBe(-14.25m);
        books.Journal.Single().Lines.Single(line => line.Account == Account.DisposalLoss).Credit.ShouldBe(14.25m);
    }

    [Fact]
    public void Should_keep_parts_valued_in_another_currency_apart()
    {
        var books = new Books(120.50m, "EUR").See(Books.Requested, new DisassemblyCompleted(Books.ReturnId, 1234.5m, 500.5m, "JPY"));

        books.Facts[^1].ShouldBe(new AssetDisposalPosted(Books.ReturnId, 120.50m, 0, "EUR"));
        books.Balance(Account.DisposalLoss, "EUR").ShouldBe(120.50m);
        books.Balance(Account.DisposalLoss, "JPY").ShouldBe(-1234);
        books.Balance(Account.ComponentInventory, "JPY").ShouldBe(1234);
        books.Balance(Account.AccruedLabour, "JPY").ShouldBe(-500);
    }

    [Fact]
    public void Should_value_an_unknown_model_at_zero_and_write_no_empty_entry()
    {
        var books = new Books(landedCost: 0).See(Books.Requested, Books.Received, Books.Shipped, new DisassemblyCompleted(Books.ReturnId, 0, 0, "EUR"));

        books.Journal.ShouldBeEmpty();
        books.Disposal!.State.ShouldBe(AssetDisposalState.Posted);
    }

    [Fact]
    public void Should_round_the_landed_cost_when_it_opens() =>
        new Books(12345.5m, "JPY").See(Books.Requested).Disposal!.ProvisionalCost.ShouldBe(12346);

    public static TheoryData<object> FactsThatReverse =>
        [Books.Cancelled, Books.Rejected, Books.Declined, Books.Expired, Books.Waived, Books.Diagnosed(Disposition.ReturnToCustomer)];

    [Theory]
    [MemberData(nameof(FactsThatReverse))]
    public void Should_reverse_a_provisional_disposal_once(object fact)
    {
        var books = new Books().See(Books.Requested, fact, fact);

        books.Disposal!.State.ShouldBe(AssetDisposalState.Reversed);
        books.Facts.OfType<AssetDisposalReversed>().ShouldHaveSingleItem();
        books.Journal.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(FactsThatReverse))]
    public void Should_leave_a_posted_disposal_as_it_is(object fact)
    {
        var books = new Books().See(Books.Requested, Books.Disassembled, fact);

        books.Disposal!.State.ShouldBe(AssetDisposalState.Posted);
        books.Facts.OfType<AssetDisposalReversed>().ShouldBeEmpty();
    }

    [Theory]
    [InlineData(Disposition.Scrap)]
    [InlineData(Disposition.Refurbish)]
    public void Should_go_on_when_the_item_is_to_be_taken_apart(Disposition disposition) =>
        new Books().See(Books.Requested, Books.Diagnosed(disposition)).Disposal!.State.ShouldBe(AssetDisposalState.Provisional);

    [Fact]
    public void Should_book_a_fact_once_however_often_it_is_reported()
    {
        object[] facts = [Books.Refunded, Books.Received, Books.Shipped, Books.Disassembled];
        var books = new Books().See([Books.Requested, .. facts, .. facts]);

        books.Journal.Select(entry => entry.Cause).ShouldBe(facts.Select(fact => fact.GetType().Name));
        books.Facts.OfType<AssetDisposalPosted>().ShouldHaveSingleItem();
    }

    [Fact]
    public void Should_reverse_a_posted_disposal_by_another_entry_when_told_to()
    {
        var books = new Books().See(Books.Requested, Books.Received, Books.Disassembled).Reverse().Reverse();

        books.Disposal!.State.ShouldBe(AssetDisposalState.Reversed);
        books.Journal.Count.ShouldBe(3);
        books.Balance(Account.ReturnedGoods).ShouldBe(120.50m);
        foreach (var account in new[] { Account.ComponentInventory, Account.DisposalLoss, Account.ReturnProcessingExpense, Account.AccruedLabour })
            books.Balance(account).ShouldBe(0, account);
    }

    [Fact]
    public void Should_refuse_a_report_that_the_state_forbids()
    {
        var reversed = new Books().See(Books.Requested, Books.Cancelled).Disposal!;
        var posted = new Books().See(Books.Requested, Books.Disassembled).Disposal!;

        reversed.ReasonToRefuse(Books.Disassembled).ShouldNotBeNull();
        reversed.ReasonToRefuse(Books.Received).ShouldBeNull();
        posted.ReasonToRefuse(Books.Diagnosed(Disposition.ReturnToStock)).ShouldNotBeNull();
        posted.ReasonToRefuse(Books.Diagnosed(Disposition.Scrap)).ShouldBeNull();
    }

    [Fact]
    public void Should_not_refuse_a_report_that_was_accepted_before() =>
        new Books().See(Books.Requested, Books.Disassembled).Reverse().Disposal!.ReasonToRefuse(Books.Disassembled).ShouldBeNull();

    public static TheoryData<string, object[], (string Account, decimal Balance)[]> Balances() => new()
    {
        { "the item is a finished good again", [Books.Received, Books.Diagnosed(Disposition.ReturnToStock)],
            [(Account.FinishedGoods, 120.50m), (Account.CostOfGoodsSold, -120.50m), (Account.ReturnedGoods, 0)] },
        { "the item goes back to the customer", [Books.Received, Books.Diagnosed(Disposition.ReturnToCustomer)],
            [(Account.ReturnedGoods, 0), (Account.CostOfGoodsSold, 0)] },
        { "declined: the item goes back to the customer", [Books.Received, Books.Declined],
            [(Account.ReturnedGoods, 0), (Account.CostOfGoodsSold, 0)] },
        { "declined too late: the item was taken apart", [Books.Received, Books.Disassembled, Books.Declined],
            [(Account.ReturnedGoods, 0), (Account.CostOfGoodsSold, -120.50m), (Account.DisposalLoss, 86.25m)] },
        { "declined, but being taken apart", [Books.Received, Books.Declined, Books.Disassembled],
            [(Account.ReturnedGoods, 0), (Account.CostOfGoodsSold, -120.50m), (Account.DisposalLoss, 86.25m)] },
        { "the replacement is back", [Books.Shipped, Books.Cancelled, Books.ReplacementReturned],
            [(Account.WarrantyExpense, 0), (Account.FinishedGoods, 0)] },
        { "the replacement is not back yet", [Books.Shipped, Books.Cancelled],
            [(Account.WarrantyExpense, 120.50m), (Account.FinishedGoods, -120.50m)] },
    };

    [Theory]
    [MemberData(nameof(Balances))]
    public void Should_show_where_goods_are(string when, object[] facts, (string Account, decimal Balance)[] balances)
    {
        var books = new Books().See([Books.Requested, .. facts, .. facts]);

        foreach (var (account, balance) in balances) books.Balance(account).ShouldBe(balance, $"{account}, {when}");
    }

    [Fact]
    public void Should_take_the_refund_back_when_the_customer_gave_the_money_back()
    {
        var books = new Books().See(Books.Requested, Books.Refunded, Books.Cancelled, Books.Recovered, Books.Recovered);

        books.Balance(Account.SalesReturns, "CHF").ShouldBe(0);
        books.Balance(Account.CustomerRefundsPayable, "CHF").ShouldBe(0);
        books.Journal.Select(entry => (entry.Cause, entry.Reverses)).ShouldBe([("RefundIssued", null), ("RefundRecovered", 1)]);
    }

    [Fact]
    public void Should_reverse_the_disposal_of_a_unit_that_goes_back_to_stock_once()
    {
        var books = new Books().See(Books.Requested, Books.Diagnosed(Disposition.ReturnToStock), Books.Diagnosed(Disposition.ReturnToStock));

        books.Disposal!.State.ShouldBe(AssetDisposalState.Reversed);
        books.Facts.OfType<AssetDisposalReversed>().ShouldHaveSingleItem();
        books.Journal.ShouldHaveSingleItem().Cause.ShouldBe("ItemDiagnosed");
    }
}
