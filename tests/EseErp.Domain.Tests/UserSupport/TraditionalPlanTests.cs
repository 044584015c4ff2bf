using EseErp.Contracts;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.Sales;
using EseErp.Contracts.UserSupport;
using EseErp.UserSupport.Returns;
using EseErp.UserSupport.Traditional;

namespace EseErp.Domain.Tests.UserSupport;

/// <summary>The next call follows from what is written down, and from nothing else: the calls of every way a return can go.</summary>
public sealed class TraditionalPlanTests
{
    private static readonly string[] TheFourTeams =
        ["sales.refund-request", "inventory.shipment-request", "manufacturing.disassembly-order", "accounting.asset-disposal"];

    private static readonly string[] TheItemIsIn =
        ["inventory.receipt", "sales.item-received", "manufacturing.item-received", "accounting.item-received"];

    [Fact]
    public void Should_tell_sales_when_the_customer_filed_however_late_it_is_called()
    {
        var drive = new Drive();

        drive.Run();

        drive.Bodies[TraditionalPlan.Refund].ShouldBeOfType<OpenOrderRefundRequest>().FiledAt.ShouldBe(drive.Asked.Return.FiledAt);
    }

    [Fact]
    public void Should_call_the_four_teams_in_order_and_then_wait_for_people()
    {
        var drive = new Drive();
        drive.Run().ShouldBe(TheFourTeams);
        drive.Next.ShouldBeNull();
        (drive.Asked.Status, drive.Asked.DueAt).ShouldBe((ReturnStatus.Approved, Drive.DueAt));
    }

    [Fact]
    public void Should_ask_the_three_that_do_not_decide_at_once_when_it_may()
    {
        var drive = new Drive();
        List<string> Next() => [.. TraditionalPlan.Next(drive.Asked, drive.Steps, parallel: true).Select(call => call.Step)];
        Next().ShouldBe([TraditionalPlan.Refund], "nobody is asked before Sales agrees");
        drive.Make(drive.Next!);
        var three = TraditionalPlan.Next(drive.Asked, drive.Steps, parallel: true);
        three.Select(call => call.Step).ShouldBe([TraditionalPlan.Shipment, TraditionalPlan.Disassembly, TraditionalPlan.Disposal]);

        drive.Make(three[1]);
        Next().ShouldBe([TraditionalPlan.Shipment, TraditionalPlan.Disposal], "those that did not answer are asked again");
        drive.Outcomes[TraditionalPlan.Shipment] = StepOutcome.Refused;
        drive.Make(three[2]);
        drive.Make(three[0]);
        Next().ShouldBe([$"undo.{TraditionalPlan.Disposal}"], "a refusal undoes what the others did meanwhile, one after another");
    }

    [Fact]
    public void Should_tell_every_team_that_the_item_is_in_and_accounting_what_followed_from_it()
    {
        var drive = Approved();
        Receive(drive);
        drive.Run().ShouldBe([.. TheItemIsIn, "accounting.replacement-shipped", "accounting.refund-issued"]);
    }

    [Fact]
    public void Should_tell_accounting_what_manufacturing_recovered()
    {
        var drive = Received();
        drive.Asked.Reported = drive.Asked.Reported with { Diagnosed = new RecordDiagnosis("NO_POWER", Disposition.Scrap), Disassembled = new CompleteDisassembly([], 10) };
        drive.Run().ShouldBe(
            ["manufacturing.diagnosis", "sales.item-diagnosed", "accounting.item-diagnosed", "manufacturing.complete", "accounting.disassembly-completed"]);
    }

    [Theory]
    [InlineData(Disposition.ReturnToStock, true)]
    [InlineData(Disposition.ReturnToCustomer, true)]
    [InlineData(Disposition.Refurbish, false)]
    public void Should_tell_inventory_of_an_item_that_goes_back_to_the_shelf_or_to_the_customer(Disposition disposition, bool told)
    {
        var drive = Received();
        drive.Asked.Reported = drive.Asked.Reported with { Diagnosed = new RecordDiagnosis("NO_FAULT_FOUND", disposition) };
        drive.Run().Contains("inventory.item-diagnosed").ShouldBe(told);
    }

    [Fact]
    public void Should_let_a_replacement_leave_before_the_item_is_back_only_if_that_was_asked_for()
    {
        new Drive(timing: ReplacementTiming.Advance).Run().ShouldBe([.. TheFourTeams, "inventory.refund-authorized", "accounting.replacement-shipped"]);
        new Drive(Resolution.Refund, ReplacementTiming.Advance).Run().ShouldBe(TheFourTeams);
    }

    [Fact]
    public void Should_ask_inventory_for_a_replacement_that_waits_for_stock_once_it_may_leave()
    {
        var drive = new Drive { Shipment = ShipmentState.Backordered };
        drive.Run();
        drive.Next.ShouldBeNull();
        Receive(drive);
        drive.Run().ShouldBe([.. TheItemIsIn, "accounting.refund-issued"]);
        drive.AskAndRun().ShouldBeEmpty();

        drive.Shipment = ShipmentState.Shipped;
        drive.AskAndRun().ShouldBe(["accounting.replacement-shipped"]);
        drive.Next.ShouldBeNull();
    }

    [Fact]
    public void Should_do_without_an_item_that_need_not_come_back()
    {
        var drive = Approved();
        drive.Asked.Reported = drive.Asked.Reported with { Waived = new ReasonGiven("Too far away.") };
        drive.Run().ShouldBe(
        [
            "inventory.item-waived", "sales.item-waived", "manufacturing.cancel", "accounting.reverse",
            "accounting.replacement-shipped", "accounting.refund-issued",
        ]);
        drive.Asked.Status.ShouldBe(ReturnStatus.Approved);
    }

    [Theory]
    [InlineData(StepOutcome.Unknown)]
    [InlineData(StepOutcome.NotReached)]
    public void Should_repeat_the_step_without_a_known_outcome(StepOutcome outcome)
    {
        var drive = new Drive { Outcomes = { ["inventory.shipment-request"] = outcome } };
        drive.Run();
        (drive.Asked.Status, drive.Next!.Step).ShouldBe((ReturnStatus.Incomplete, "inventory.shipment-request"));

        drive.Outcomes.Clear();
        drive.Run().ShouldBe(TheFourTeams[1..]);
        drive.Asked.Status.ShouldBe(ReturnStatus.Approved);
        drive.Facts.Select(fact => fact.GetType()).ShouldBe([typeof(ReturnIncomplete), typeof(ReturnResumed)]);
    }

    [Fact]
    public void Should_call_nobody_after_sales_rejected()
    {
        var drive = new Drive { Outcomes = { ["sales.refund-request"] = StepOutcome.Refused } };
        drive.Run().ShouldBe(["sales.refund-request"]);
        (drive.Asked.Status, drive.Next).ShouldBe((ReturnStatus.Declined, null));
        drive.Run().ShouldBeEmpty();
        drive.Asked.Status.ShouldBe(ReturnStatus.Declined);
    }

    [Fact]
    public void Should_undo_in_reverse_order_when_a_team_refuses_for_good()
    {
        var drive = new Drive { Outcomes = { ["accounting.asset-disposal"] = StepOutcome.Refused } };
        drive.Run().ShouldBe(
            [.. TheFourTeams, "undo.manufacturing.disassembly-order", "undo.inventory.shipment-request", "undo.sales.refund-request"]);
        drive.Asked.Status.ShouldBe(ReturnStatus.Cancelled);
        drive.Facts.OfType<ReturnCancelled>().ShouldHaveSingleItem();
    }

    [Fact]
    public void Should_ask_inventory_first_when_someone_calls_the_return_off()
    {
        var drive = Approved();
        drive.Asked.CallOff("Keeps it.");
        drive.Run().ShouldBe(
        [
            "undo.inventory.shipment-request", "undo.accounting.asset-disposal", "undo.manufacturing.disassembly-order", "undo.sales.refund-request",
        ]);
        drive.Asked.Status.ShouldBe(ReturnStatus.Cancelled);
        drive.Facts.ShouldBe([new ReturnCancelled("RMA-1", "Keeps it.")]);
        drive.Paths[TraditionalPlan.UndoShipment].ShouldBe("/shipment-requests/RMA-1/cancel");
        drive.Run().ShouldBeEmpty();
        drive.Facts.Count.ShouldBe(1);
    }

    [Fact]
    public void Should_go_on_as_before_when_inventory_has_the_item()
    {
        var drive = Approved();
        drive.Outcomes[TraditionalPlan.UndoShipment] = StepOutcome.Refused;
        drive.Asked.CallOff("Keeps it.");
        drive.Run().ShouldBe([TraditionalPlan.UndoShipment]);
        (drive.Asked.Status, drive.Asked.UndoCause).ShouldBe((ReturnStatus.Approved, null));
        drive.Asked.Return.CancellationRefusal.ShouldNotBeNull();

        Receive(drive);
        drive.Run().ShouldBe([.. TheItemIsIn, "accounting.replacement-shipped", "accounting.refund-issued"]);
    }

    [Fact]
    public void Should_ask_again_when_it_is_called_off_again()
    {
        var drive = Approved();
        drive.Outcomes[TraditionalPlan.UndoShipment] = StepOutcome.Refused;
        drive.Asked.CallOff("Keeps it.");
        drive.Run();
        drive.Outcomes.Clear();
        drive.Asked.CallOff("Really.");
        drive.Run().Count.ShouldBe(4);
        (drive.Asked.Status, drive.Asked.Return.CancellationRefusal).ShouldBe((ReturnStatus.Cancelled, null));
    }

    [Fact]
    public void Should_finish_calling_off_what_could_not_be_undone_at_once()
    {
        var drive = Approved();
        drive.Outcomes["undo.accounting.asset-disposal"] = StepOutcome.Unknown;
        drive.Asked.CallOff("Keeps it.");
        drive.Run();
        (drive.Asked.Status, drive.Next!.Step).ShouldBe((ReturnStatus.Incomplete, "undo.accounting.asset-disposal"));
        // Who asks again does not change what is under way: the team knows the call by its key and its body.
        drive.Asked.CallOff("For another reason.");
        drive.Asked.UndoReason.ShouldBe("Keeps it.");
        drive.Outcomes.Clear();
        drive.Run().Count.ShouldBe(3);
        drive.Asked.Status.ShouldBe(ReturnStatus.Cancelled);
    }

    [Fact]
    public void Should_learn_what_became_of_a_call_before_undoing_it()
    {
        var drive = new Drive { Outcomes = { ["manufacturing.disassembly-order"] = StepOutcome.Unknown } };
        drive.Run();
        drive.Asked.CallOff("Keeps it.");
        drive.Outcomes.Clear();
        // The call may still be on its way to Manufacturing; under its own key it is the same call.
        drive.Run().ShouldBe(
        [
            "undo.inventory.shipment-request", "manufacturing.disassembly-order", "undo.manufacturing.disassembly-order", "undo.sales.refund-request",
        ]);
    }

    [Theory]
    [InlineData("sales.refund-request", StepOutcome.NotReached)]
    [InlineData("inventory.shipment-request", StepOutcome.NotReached, "undo.sales.refund-request")]
    [InlineData("inventory.shipment-request", StepOutcome.Unknown, "inventory.shipment-request", "undo.inventory.shipment-request", "undo.sales.refund-request")]
    [InlineData("sales.refund-request", StepOutcome.Unknown, "sales.refund-request", "undo.sales.refund-request")]
    public void Should_undo_only_what_was_or_may_have_been_done(string failed, StepOutcome outcome, params string[] undone)
    {
        var drive = new Drive { Outcomes = { [failed] = outcome } };
        drive.Run();
        drive.Asked.CallOff("Keeps it.");
        drive.Outcomes.Clear();
        drive.Run().ShouldBe(undone);
        drive.Asked.Status.ShouldBe(ReturnStatus.Cancelled);
    }

    [Fact]
    public void Should_undo_nothing_at_a_team_that_refuses_what_it_is_asked_again()
    {
        var drive = new Drive { Outcomes = { ["sales.refund-request"] = StepOutcome.Unknown } };
        drive.Run();
        drive.Asked.CallOff("Keeps it.");
        drive.Outcomes["sales.refund-request"] = StepOutcome.Refused;
        drive.Run().ShouldBe(["sales.refund-request"]);
        drive.Asked.Status.ShouldBe(ReturnStatus.Cancelled);
    }

    [Fact]
    public void Should_let_an_overdue_return_expire_unless_inventory_has_the_item()
    {
        var drive = Approved();
        drive.Asked.IsOverdue(Drive.DueAt.AddTicks(-1)).ShouldBeFalse();
        drive.Asked.IsOverdue(Drive.DueAt).ShouldBeTrue();
        drive.Asked.Undo(UndoCause.Overdue, "Too late.");
        drive.Run()[..2].ShouldBe(["undo.inventory.shipment-request", "undo.accounting.asset-disposal"]);
        drive.Paths[TraditionalPlan.UndoShipment].ShouldBe("/shipment-requests/RMA-1/expire");
        (drive.Asked.Status, drive.Facts.Count).ShouldBe((ReturnStatus.Expired, 0));

        drive = Approved();
        drive.Outcomes[TraditionalPlan.UndoShipment] = StepOutcome.Refused;
        drive.Asked.Undo(UndoCause.Overdue, "Too late.");
        drive.Run();
        (drive.Asked.Status, drive.Asked.Return.CancellationRefusal, drive.Next).ShouldBe((ReturnStatus.Approved, null, null));
    }

    [Fact]
    public void Should_not_let_a_return_expire_whose_item_is_in_or_done_without()
    {
        var drive = Received();
        drive.Asked.IsOverdue(DateTimeOffset.MaxValue).ShouldBeFalse();
        drive = Approved();
        drive.Asked.Reported = drive.Asked.Reported with { Waived = new ReasonGiven("No.") };
        drive.Asked.IsOverdue(DateTimeOffset.MaxValue).ShouldBeFalse();
    }

    [Fact]
    public void Should_recover_what_had_left_before_the_return_ended()
    {
        var drive = new Drive(timing: ReplacementTiming.Advance) { Refund = OrderRefundState.Issued };
        drive.Run().TakeLast(3).ShouldBe(["inventory.refund-authorized", "accounting.replacement-shipped", "accounting.refund-issued"]);
        drive.Asked.CallOff("Keeps it.");
        drive.Run();
        drive.Asked.Status.ShouldBe(ReturnStatus.Cancelled);
        drive.AskAndRun().ShouldBeEmpty();

        drive.Refund = OrderRefundState.Voided;
        drive.AskAndRun().ShouldBe(["accounting.refund-recovered"]);
        drive.Asked.Reported = drive.Asked.Reported with { RecallReturned = new RecallReport() };
        drive.Run().ShouldBe(["inventory.recalled-unit-returned", "accounting.recalled-unit-returned"]);
        (drive.Asked.Status, drive.Next, drive.Facts.Count).ShouldBe((ReturnStatus.Cancelled, null, 1));
    }

    [Fact]
    public void Should_leave_the_money_with_the_customer_if_sales_says_so()
    {
        var drive = new Drive { Refund = OrderRefundState.Issued };
        drive.Run();
        drive.Asked.CallOff("Keeps it.");
        drive.Run();
        drive.Refund = OrderRefundState.Issued;
        drive.AskAndRun().ShouldBeEmpty();
        drive.Next.ShouldBeNull();
    }

    [Fact]
    public void Should_tell_accounting_of_a_shipment_that_nobody_had_answered_before_it_is_taken_back()
    {
        var drive = new Drive(timing: ReplacementTiming.Advance) { Outcomes = { ["inventory.refund-authorized"] = StepOutcome.Unknown } };
        drive.Run();
        drive.Shipment = ShipmentState.Shipped;
        drive.Asked.CallOff("Keeps it.");
        drive.Run()[..3].ShouldBe(["undo.inventory.shipment-request", "accounting.replacement-shipped", "undo.accounting.asset-disposal"]);
    }

    private static Drive Approved()
    {
        var drive = new Drive();
        drive.Run();
        return drive;
    }

    private static Drive Received()
    {
        var drive = Approved();
        Receive(drive);
        drive.Run();
        return drive;
    }

    private static void Receive(Drive drive) => drive.Asked.Reported = drive.Asked.Reported with { Received = new ItemReport("SN-1", "fine") };
}
