using EseErp.Contracts;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.UserSupport;
using FsCheck;
using FsCheck.Fluent;

namespace EseErp.Domain.Tests.Inventory;

/// <summary>How a return ends at Inventory, or goes on without the item or with another one.</summary>
public sealed class EndOfReturnTests
{
    private const string Id = "RMA-2026-000001";

    // A: Sales agrees. J: Sales refuses. K: someone wants to cancel. E: it is overdue. W: the item need not come. C: the item comes.
    // M: another device comes. Y: Sales accepts it. D: inspected, goes back to the shelf. V: delivered. U: the recalled unit is back.
    [Theory]
    [InlineData("K", ReceiptState.Closed, ShipmentState.Cancelled, 2, "CancellationAccepted ReplacementCancelled")]
    [InlineData("AK", ReceiptState.Closed, ShipmentState.Recalled, 1, "ReplacementShipped CancellationAccepted ReplacementRecalled")]
    [InlineData("AVK", ReceiptState.Closed, ShipmentState.Recalled, 1, "ReplacementShipped ReplacementDelivered CancellationAccepted ReplacementRecalled")]
    [InlineData("AKUU", ReceiptState.Closed, ShipmentState.Returned, 2, "ReplacementShipped CancellationAccepted ReplacementRecalled RecalledUnitReturned")]
    [InlineData("KA", ReceiptState.Closed, ShipmentState.Cancelled, 2, "CancellationAccepted ReplacementCancelled")]
    [InlineData("KE", ReceiptState.Closed, ShipmentState.Cancelled, 2, "CancellationAccepted ReplacementCancelled")]
    [InlineData("KK", ReceiptState.Closed, ShipmentState.Cancelled, 2, "CancellationAccepted ReplacementCancelled CancellationRefused")]
    [InlineData("CK", ReceiptState.Received, ShipmentState.Reserved, 2, "ItemReceived CancellationRefused")]
    [InlineData("KC", ReceiptState.Closed, ShipmentState.Cancelled, 2, "CancellationAccepted ReplacementCancelled")]
    [InlineData("WK", ReceiptState.Waived, ShipmentState.Reserved, 2, "ItemWaived CancellationRefused")]
    [InlineData("JK", ReceiptState.Closed, ShipmentState.Cancelled, 2, "ReplacementCancelled CancellationRefused")]
    [InlineData("E", ReceiptState.Expired, ShipmentState.Cancelled, 2, "ReturnExpired ReplacementCancelled")]
    [InlineData("EK", ReceiptState.Expired, ShipmentState.Cancelled, 2, "ReturnExpired ReplacementCancelled CancellationRefused")]
    [InlineData("AEU", ReceiptState.Expired, ShipmentState.Returned, 2, "ReplacementShipped ReturnExpired ReplacementRecalled RecalledUnitReturned")]
    [InlineData("CE", ReceiptState.Received, ShipmentState.Reserved, 2, "ItemReceived")]
    [InlineData("EC", ReceiptState.Expired, ShipmentState.Cancelled, 2, "ReturnExpired ReplacementCancelled")]
    [InlineData("W", ReceiptState.Waived, ShipmentState.Reserved, 2, "ItemWaived")]
    [InlineData("WA", ReceiptState.Waived, ShipmentState.Shipped, 1, "ItemWaived ReplacementShipped")]
    [InlineData("WCE", ReceiptState.Waived, ShipmentState.Reserved, 2, "ItemWaived")]
    [InlineData("CJ", ReceiptState.Received, ShipmentState.Cancelled, 2, "ItemReceived ReplacementCancelled")]
    [InlineData("ACJ", ReceiptState.Received, ShipmentState.Recalled, 1, "ReplacementShipped ItemReceived ReplacementRecalled")]
    [InlineData("MY", ReceiptState.Received, ShipmentState.Reserved, 2, "ItemReceived")]
    [InlineData("MA", ReceiptState.Received, ShipmentState.Reserved, 2, "ItemReceived")]
    [InlineData("MAY", ReceiptState.Received, ShipmentState.Shipped, 1, "ItemReceived ReplacementShipped")]
    [InlineData("MAJ", ReceiptState.Received, ShipmentState.Cancelled, 2, "ItemReceived ReplacementCancelled")]
    [InlineData("ACDD", ReceiptState.Received, ShipmentState.Shipped, 2, "ReplacementShipped ItemReceived ItemRestocked")]
    [InlineData("AVV", ReceiptState.Expected, ShipmentState.Delivered, 1, "ReplacementShipped ReplacementDelivered")]
    [InlineData("VU", ReceiptState.Expected, ShipmentState.Reserved, 2, "")]
    public void Should_follow_from_what_happens(string story, ReceiptState receipt, ShipmentState state, int onHand, string facts)
    {
        var warehouse = new Warehouse(2);
        warehouse.Open(Id, ReplacementTiming.Advance);
        warehouse.Facts.Clear();

        foreach (var letter in story) Happen(warehouse, letter);

        (warehouse[Id].ReceiptState, warehouse[Id].State, warehouse.Stock.OnHand).ShouldBe((receipt, state, onHand));
        string.Join(' ', warehouse.Facts.Select(fact => fact.GetType().Name)).ShouldBe(facts);
    }

    [Fact]
    public void Should_expire_when_the_item_is_due_and_not_a_moment_before()
    {
        var warehouse = new Warehouse(1);
        warehouse.Open(Id);
        var request = warehouse[Id];

        request.Expire(warehouse.Stock, request.DueAt.AddTicks(-1)).ShouldBeEmpty();
        request.ReasonNotToExpire(request.DueAt.AddTicks(-1)).ShouldNotBeNull();
        request.ReasonNotToExpire(request.DueAt).ShouldBeNull();
        request.Expire(warehouse.Stock, request.DueAt).ToList().ShouldContain(new ReturnExpired(Id));
    }

    [Fact]
    public void Should_give_a_unit_that_comes_back_to_whoever_waits()
    {
        var warehouse = new Warehouse(1);
        warehouse.Open("holder", ReplacementTiming.Advance);
        warehouse.Authorize("holder");
        warehouse.Open("first");
        warehouse.Open("second");

        warehouse.CallOff("holder");
        warehouse.TakeBackReplacement("holder");
        warehouse["first"].State.ShouldBe(ShipmentState.Reserved);
        warehouse["second"].State.ShouldBe(ShipmentState.Backordered);
        warehouse.Diagnose("holder", Disposition.ReturnToStock);

        warehouse["second"].State.ShouldBe(ShipmentState.Reserved);
    }

    [Theory]
    [InlineData(Disposition.Scrap)]
    [InlineData(Disposition.Refurbish)]
    [InlineData(Disposition.ReturnToCustomer)]
    public void Should_put_only_what_is_as_good_as_new_back_on_the_shelf(Disposition disposition)
    {
        var warehouse = new Warehouse();
        warehouse.Open(Id, resolution: Resolution.Refund);
        warehouse.Receive(Id);

        warehouse.Diagnose(Id, disposition);

        warehouse.Stock.OnHand.ShouldBe(0);
    }

    [Fact]
    public void Should_answer_every_wish_to_cancel_and_accept_one_at_most() => Prop.ForAll(
        Gen.Elements("AJKEWCMYDVU".ToCharArray()).ListOf().ToArbitrary(), story =>
        {
            var warehouse = new Warehouse(1);
            warehouse.Open(Id, ReplacementTiming.Advance);

            foreach (var letter in story) Happen(warehouse, letter);

            var accepted = warehouse.Facts.OfType<CancellationAccepted>().Count();
            (accepted + warehouse.Facts.OfType<CancellationRefused>().Count()).ShouldBe(story.Count(letter => letter == 'K'));
            var ends = accepted + warehouse.Facts.Count(fact => fact is ItemReceived or ItemWaived or ReturnExpired);
            ends.ShouldBeLessThanOrEqualTo(1, "the item is received, done without, overdue or called off: one of them");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void Should_have_an_end_in_reach_after_any_history() => Prop.ForAll(
        (from letters in Gen.Elements("AJKEWCMYDVU".ToCharArray()).ListOf()
         from timing in Gen.Elements(Enum.GetValues<ReplacementTiming>())
         from units in Gen.Choose(0, 1)
         select (letters, timing, units)).ToArbitrary(), story =>
        {
            var warehouse = new Warehouse(story.units);
            warehouse.Open(Id, story.timing);
            foreach (var letter in story.letters) Happen(warehouse, letter);

            // Whatever happened: someone agrees, the item comes or is accepted, stock comes in, what was recalled comes back.
            foreach (var letter in "AYC") Happen(warehouse, letter);
            warehouse.Replenish(1);
            Happen(warehouse, 'V');
            Happen(warehouse, 'U');

            warehouse[Id].State.ShouldBeOneOf(ShipmentState.Delivered, ShipmentState.Cancelled, ShipmentState.Returned);
            warehouse[Id].ReceiptState.ShouldNotBe(ReceiptState.Expected);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    private static void Happen(Warehouse warehouse, char letter)
    {
        switch (letter)
        {
            case 'A': warehouse.Authorize(Id); break;
            case 'J': warehouse.CallOff(Id); break;
            case 'K': warehouse.RequestCancellation(Id); break;
            case 'E': warehouse.Expire(Id); break;
            case 'W': warehouse.Waive(Id); break;
            case 'C': warehouse.Receive(Id); break;
            case 'M': warehouse.Receive(Id, "OTHER"); break;
            case 'Y': warehouse.AcceptMismatch(Id); break;
            case 'D': warehouse.Diagnose(Id, Disposition.ReturnToStock); break;
            case 'V': warehouse.Deliver(Id); break;
            case 'U': warehouse.TakeBackReplacement(Id); break;
        }
    }
}
