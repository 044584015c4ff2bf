using EseErp.Accounting.Journal;
using EseErp.Contracts;

namespace EseErp.Domain.Tests.Accounting;

/// <summary>Order holds within a topic and never across topics, so no order of facts may change what is in the books.</summary>
public sealed class OrderOfFactsTests
{
    private static readonly Dictionary<string, object[]> Stories = new()
    {
        ["goes well"] = [Books.Requested, Books.Refunded, Books.Received, Books.Shipped, Books.Diagnosed(Disposition.Scrap), Books.Disassembled],
        ["is rejected"] = [Books.Requested, Books.Rejected, Books.Received],
        ["is called off"] = [Books.Requested, Books.Cancelled, Books.Shipped],
        ["is rejected and called off"] = [Books.Requested, Books.Rejected, Books.Cancelled, Books.Received, Books.Shipped],
        ["returns to stock"] = [Books.Requested, Books.Refunded, Books.Received, Books.Diagnosed(Disposition.ReturnToStock)],
        ["is inspected twice"] =
            [Books.Requested, Books.Received, Books.Diagnosed(Disposition.Refurbish), Books.Diagnosed(Disposition.ReturnToCustomer)],
        ["is called off while being taken apart"] = [Books.Requested, Books.Cancelled, Books.Received, Books.Disassembled],
        ["goes back to the customer"] = [Books.Requested, Books.Refunded, Books.Received, Books.Diagnosed(Disposition.ReturnToCustomer)],
        ["is declined once the item is in"] = [Books.Requested, Books.Received, Books.Declined],
        ["is declined once the replacement left"] = [Books.Requested, Books.Received, Books.Shipped, Books.Declined, Books.ReplacementReturned],
        ["is declined while being taken apart"] = [Books.Requested, Books.Received, Books.Declined, Books.Diagnosed(Disposition.Scrap), Books.Disassembled],
        ["is declined once the item is on the shelf"] = [Books.Requested, Books.Received, Books.Diagnosed(Disposition.ReturnToStock), Books.Declined],
        ["expires after the replacement left"] = [Books.Requested, Books.Shipped, Books.Expired, Books.ReplacementReturned],
        ["ends after the money was paid"] = [Books.Requested, Books.Refunded, Books.Cancelled, Books.Recovered],
        ["goes on without the item"] = [Books.Requested, Books.Waived, Books.Refunded, Books.Shipped],
        ["is in a muddle"] =
        [
            Books.Requested, Books.Cancelled, Books.Refunded, Books.Received, Books.Shipped, Books.Diagnosed(Disposition.ReturnToCustomer),
            Books.Disassembled,
        ],
    };

    public static TheoryData<string> Names => [.. Stories.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Should_end_with_the_same_journal_and_state_in_every_order_when_a_return(string story)
    {
        var facts = Stories[story];
        var expected = new Books().See(facts).Outcome();

        var others = Permutations(facts).Select(order => new Books().See(order).Outcome()).Where(outcome => outcome != expected).Distinct();

        others.ShouldBeEmpty();
    }

    public static TheoryData<string> OtherDevices => new("taken apart", "on the shelf", "declined", "back to the customer");

    // What was booked before it was known which device came is corrected, so the entries depend on the order; what they come to does not.
    [Theory]
    [MemberData(nameof(OtherDevices))]
    public void Should_come_to_the_same_in_every_order_when_another_device_is_accepted(string end)
    {
        object[] facts =
        [
            Books.Requested, Books.Received, Books.OtherAccepted, Books.Shipped,
            .. end switch
            {
                "taken apart" => new object[] { Books.Diagnosed(Disposition.Scrap), Books.Disassembled },
                "on the shelf" => [Books.Diagnosed(Disposition.ReturnToStock)],
                "declined" => [Books.Declined],
                _ => [Books.Diagnosed(Disposition.ReturnToCustomer)],
            },
        ];
        var expected = new Books().See(facts);

        Permutations(facts).Select(order => new Books().See(order).Balances()).Distinct().ShouldBe([expected.Balances()]);

        expected.Balance(Account.WarrantyExpense).ShouldBe(120.50m, "the replacement is one of the announced model");
        expected.Balance(Account.CostOfGoodsSold).ShouldBe(end is "taken apart" or "on the shelf" ? -Books.OtherCost : 0);
        expected.Balance(Account.ReturnedGoods).ShouldBe(0);
        expected.Balance(Account.DisposalLoss).ShouldBe(end == "taken apart" ? Books.OtherCost - 34.25m : 0);
    }

    // Heap's algorithm; hands out the same array each time.
    private static IEnumerable<object[]> Permutations(object[] facts)
    {
        var order = facts.ToArray();
        var counters = new int[order.Length];
        yield return order;
        for (var i = 0; i < order.Length;)
        {
            if (counters[i] >= i)
            {
                counters[i++] = 0;
                continue;
            }

            var other = i % 2 == 0 ? 0 : counters[i];
            (order[other], order[i]) = (order[i], order[other]);
            yield return order;
            counters[i]++;
            i = 0;
        }
    }
}
