using EseErp.Contracts;
using EseErp.Contracts.Accounting;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.Sales;
using EseErp.Contracts.UserSupport;
using EseErp.UserSupport.Returns;
using EseErp.UserSupport.Traditional;

namespace EseErp.Domain.Tests.UserSupport;

/// <summary>A person at Sales has to decide, and nobody tells User Support: it asks, and goes on or undoes.</summary>
public sealed class TraditionalReviewTests
{
    [Fact]
    public void Should_go_on_with_the_other_teams_and_ask_until_sales_has_decided()
    {
        var drive = UnderReview(ReplacementTiming.Advance);
        drive.Asked.Status.ShouldBe(ReturnStatus.UnderReview);
        drive.AskAndRun().ShouldBeEmpty();
        drive.Asked.Status.ShouldBe(ReturnStatus.UnderReview);

        drive.Refund = OrderRefundState.Authorized;
        drive.AskAndRun().ShouldBe(["inventory.refund-authorized", "accounting.replacement-shipped"]);
        (drive.Asked.Status, drive.Next).ShouldBe((ReturnStatus.Approved, null));
    }

    [Fact]
    public void Should_say_that_sales_agrees_before_a_replacement_leaves_whatever_its_timing()
    {
        var drive = UnderReview(ReplacementTiming.OnReceipt);
        drive.Bodies[TraditionalPlan.Shipment].ShouldBeOfType<OpenShipmentRequest>().RefundUnderReview.ShouldBeTrue();
        drive.Refund = OrderRefundState.Authorized;
        drive.AskAndRun().ShouldContain("inventory.refund-authorized");
        drive = new Drive();
        drive.Run();
        drive.Bodies[TraditionalPlan.Shipment].ShouldBeOfType<OpenShipmentRequest>().RefundUnderReview.ShouldBeFalse();
    }

    [Fact]
    public void Should_pay_at_once_what_is_approved_after_the_item_came()
    {
        var drive = UnderReview(ReplacementTiming.OnReceipt);
        drive.Asked.Reported = new ReportedSteps(new ItemReport("SN-1", "fine"));
        drive.Run();
        drive.Asked.Status.ShouldBe(ReturnStatus.UnderReview);
        drive.Refund = OrderRefundState.Issued;
        drive.AskAndRun().ShouldContain("accounting.refund-issued");
        drive.Asked.Status.ShouldBe(ReturnStatus.Approved);
    }

    [Fact]
    public void Should_ask_sales_about_an_item_that_goes_back_to_the_customer_before_a_late_replacement_leaves()
    {
        var drive = new Drive { Shipment = ShipmentState.Backordered };
        drive.Asked.Reported = new ReportedSteps(new ItemReport("SN-1", "fine"), new RecordDiagnosis("NO_FAULT_FOUND", Disposition.ReturnToCustomer));
        drive.SentBackAsks = true;

        drive.Run().ShouldNotContain("inventory.sent-back-accepted");
        drive.Bodies["sales.item-diagnosed"].ShouldBe(new ReportItemDiagnosed(Disposition.ReturnToCustomer));
        drive.Bodies["inventory.item-diagnosed"].ShouldBe(new ReportItemDiagnosed(Disposition.ReturnToCustomer));
        (drive.Asked.Status, drive.Next?.Step).ShouldBe((ReturnStatus.UnderReview, TraditionalPlan.Review));

        drive.Refund = OrderRefundState.Issued;
        drive.AskAndRun().ShouldContain("inventory.sent-back-accepted");
        drive.Asked.Status.ShouldBe(ReturnStatus.Approved);
    }

    [Fact]
    public void Should_undo_the_others_when_sales_declines()
    {
        var drive = UnderReview(ReplacementTiming.OnReceipt);
        drive.Refund = OrderRefundState.Rejected;
        drive.AskAndRun().ShouldBe(["undo.inventory.shipment-request", "undo.manufacturing.disassembly-order", "undo.accounting.asset-disposal"]);
        (drive.Asked.Status, drive.Next, drive.Facts.Count).ShouldBe((ReturnStatus.Declined, null, 0));
        drive.Paths["undo.inventory.shipment-request"].ShouldBe("/shipment-requests/RMA-1/refund-rejected");
        drive.Paths["undo.accounting.asset-disposal"].ShouldBe("/asset-disposals/RMA-1/refund-rejected");
    }

    [Fact]
    public void Should_undo_the_others_when_another_call_hears_first_that_sales_declined()
    {
        var drive = UnderReview(ReplacementTiming.OnReceipt);
        drive.Asked.Reported = new ReportedSteps(new ItemReport("SN-1", "fine"));
        drive.Refund = OrderRefundState.Rejected;
        drive.Run().ShouldBe(
        [
            "inventory.receipt", "sales.item-received",
            "undo.inventory.shipment-request", "undo.manufacturing.disassembly-order", "undo.accounting.asset-disposal",
        ]);
        drive.Asked.Status.ShouldBe(ReturnStatus.Declined);
    }

    [Fact]
    public void Should_void_what_is_called_off_or_overdue_while_under_review()
    {
        foreach (var cause in new[] { UndoCause.Cancelled, UndoCause.Overdue })
        {
            var drive = UnderReview(ReplacementTiming.OnReceipt);
            drive.Asked.IsOverdue(Drive.DueAt).ShouldBeTrue();
            drive.Asked.Undo(cause, "Over.");
            drive.Run()[^1].ShouldBe("undo.sales.refund-request");
            (drive.Asked.Status, drive.Next).ShouldBe((cause == UndoCause.Overdue ? ReturnStatus.Expired : ReturnStatus.Cancelled, null));
        }
    }

    [Fact]
    public void Should_hold_everything_when_another_device_comes_until_sales_accepts_it()
    {
        var drive = Mismatch(new Drive());
        drive.Asked.Status.ShouldBe(ReturnStatus.UnderReview);
        drive.Steps.ShouldNotContain(step => step.Name == "accounting.replacement-shipped");
        drive.AskAndRun().ShouldBeEmpty();

        drive.Refund = OrderRefundState.Issued;
        drive.AskAndRun().ShouldBe(
            ["inventory.mismatch-accepted", "manufacturing.mismatch-accepted", "accounting.replacement-shipped", "accounting.refund-issued"]);
        drive.Asked.Status.ShouldBe(ReturnStatus.Approved);
    }

    [Fact]
    public void Should_review_the_device_after_the_amount()
    {
        var drive = UnderReview(ReplacementTiming.OnReceipt);
        drive.Refund = OrderRefundState.Authorized;
        drive.AskAndRun();
        Mismatch(drive).Asked.Status.ShouldBe(ReturnStatus.UnderReview);
        drive.Refund = OrderRefundState.Issued;
        drive.AskAndRun().ShouldContain("manufacturing.mismatch-accepted");
        drive.Asked.Status.ShouldBe(ReturnStatus.Approved);
    }

    [Fact]
    public void Should_undo_the_others_when_sales_does_not_accept_the_device()
    {
        var drive = Mismatch(new Drive());
        drive.Refund = OrderRefundState.Rejected;
        drive.AskAndRun().ShouldBe(["undo.inventory.shipment-request", "undo.manufacturing.disassembly-order", "undo.accounting.asset-disposal"]);
        drive.Asked.Status.ShouldBe(ReturnStatus.Declined);
    }

    [Fact]
    public void Should_recover_money_that_was_paid_before_another_device_came()
    {
        var drive = Mismatch(new Drive { Refund = OrderRefundState.Issued });
        drive.Review = RefundReview.Recovery;
        drive.AskAndRun().ShouldBe(["undo.inventory.shipment-request", "undo.manufacturing.disassembly-order", "undo.accounting.asset-disposal"]);
        drive.Asked.Status.ShouldBe(ReturnStatus.Declined);

        drive.AskAndRun().ShouldBeEmpty();
        drive.Refund = OrderRefundState.Voided;
        drive.AskAndRun().ShouldBe(["accounting.refund-recovered"]);
        (drive.Asked.Status, drive.Next).ShouldBe((ReturnStatus.Declined, null));
    }

    [Theory]
    [InlineData(OrderRefundState.Voided)]
    [InlineData(OrderRefundState.ManualReview)]
    public void Should_end_a_return_whose_refund_was_taken_back_at_sales_even_when_the_item_is_in(OrderRefundState taken)
    {
        var drive = new Drive();
        drive.Run();
        drive.Asked.Reported = new ReportedSteps(new ItemReport("SN-1", "fine"));
        (drive.Refund, drive.Review, drive.TakenBack) = (taken, RefundReview.Recovery, true);

        drive.Run().ShouldContain("undo.inventory.shipment-request");

        drive.Asked.Status.ShouldBe(ReturnStatus.Cancelled);
        drive.Facts.ShouldHaveSingleItem().ShouldBeOfType<ReturnCancelled>();
        // Cancelling would be refused, as the item is in.
        drive.Paths["undo.inventory.shipment-request"].ShouldBe("/shipment-requests/RMA-1/refund-rejected");
    }

    [Theory]
    [InlineData(409)]
    [InlineData(422)]
    public void Should_call_a_return_off_whose_number_was_used_for_something_else(int status)
    {
        var drive = new Drive();
        var taken = new CallResult(StepOutcome.Refused, status, status == 409 ? "{\"differences\":{\"orderId\":{}}}" : "{}", "sales refused");
        drive.Steps.Add(new ReturnStep { ReturnId = "RMA-1", Number = 1, Name = TraditionalPlan.Refund, Outcome = StepOutcome.Refused });

        TraditionalCourse.Judge(drive.Asked, drive.Steps, new TeamCall(TraditionalPlan.Refund, "/order-refund-requests"), taken).GoesOn.ShouldBeTrue();

        drive.Run().ShouldBeEmpty();
        (drive.Asked.Status, drive.Asked.UndoReason).ShouldBe((ReturnStatus.Cancelled, "sales refused"));
    }

    private static Drive UnderReview(ReplacementTiming timing)
    {
        var drive = new Drive(timing: timing) { Refund = OrderRefundState.ManualReview, Review = RefundReview.Amount };
        drive.Run().Count.ShouldBe(4);
        return drive;
    }

    private static Drive Mismatch(Drive drive)
    {
        drive.Run();
        drive.Asked.Reported = new ReportedSteps(new ItemReport(Drive.OtherSerial, "fine"));
        drive.Run();
        return drive;
    }
}
