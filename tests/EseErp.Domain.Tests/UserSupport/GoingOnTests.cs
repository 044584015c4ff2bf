using System.Text.Json;
using EseErp.Contracts;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.Sales;
using EseErp.Contracts.UserSupport;
using EseErp.EventStore;
using EseErp.UserSupport.Returns;
using EseErp.UserSupport.Traditional;

namespace EseErp.Domain.Tests.UserSupport;

/// <summary>When a traditional return goes on by itself, and when it waits for someone.</summary>
public sealed class GoingOnTests
{
    private static readonly TraditionalOptions Options = new() { ResumePause = TimeSpan.FromSeconds(2), LongestResumePause = TimeSpan.FromSeconds(30) };

    [Fact]
    public void Should_try_again_after_a_pause_that_grows_and_does_not_grow_for_ever()
    {
        var drive = new Drive { Outcomes = { ["inventory.shipment-request"] = StepOutcome.NotReached } };
        var pauses = Enumerable.Range(0, 6).Select(_ =>
        {
            drive.Run();
            return Pause(drive);
        }).ToList();
        pauses.ShouldBe([2, 4, 8, 16, 30, 30]);
        drive.Facts.OfType<ReturnIncomplete>().ShouldHaveSingleItem();

        drive.Outcomes.Clear();
        drive.Run();
        drive.Asked.Failures.ShouldBe(0);
        Pause(drive).ShouldBeNull("it waits for the item");
    }

    [Fact]
    public void Should_wait_for_a_person_when_a_team_refuses_what_cannot_be_undone()
    {
        var drive = new Drive();
        drive.Run();
        drive.Asked.Reported = new ReportedSteps(new ItemReport("SN-1", "fine"));
        drive.Outcomes["accounting.item-received"] = StepOutcome.Refused;
        drive.Run();
        drive.Asked.Status.ShouldBe(ReturnStatus.Incomplete);
        Pause(drive, needsPerson: true).ShouldBeNull();
    }

    [Fact]
    public void Should_look_again_at_what_a_team_has_not_decided()
    {
        var drive = new Drive { Refund = OrderRefundState.ManualReview, Review = RefundReview.Amount };
        drive.Run();
        Pause(drive).ShouldBe(Options.LookAgainAfter.TotalSeconds);
    }

    [Fact]
    public void Should_leave_an_overdue_return_alone_for_a_while_that_could_not_expire()
    {
        var drive = new Drive();
        drive.Run();
        drive.Outcomes[TraditionalPlan.UndoShipment] = StepOutcome.Refused;
        foreach (var pause in new[] { 2, 4, 8 })
        {
            drive.Asked.Undo(UndoCause.Overdue, "Too late.");
            drive.Run();
            Pause(drive).ShouldBe(pause);
        }
    }

    [Fact]
    public void Should_forget_a_report_that_the_team_in_charge_refuses()
    {
        var drive = new Drive();
        drive.Run();
        drive.Asked.Reported = new ReportedSteps(new ItemReport("SN-1", "fine"));
        drive.Outcomes["inventory.receipt"] = StepOutcome.Refused;
        drive.Run().ShouldBe(["inventory.receipt"]);
        (drive.Asked.Status, drive.Asked.Reported).ShouldBe((ReturnStatus.Approved, ReportedSteps.None));
    }

    [Theory]
    [InlineData("manufacturing.disassembly-order", StepOutcome.NotReached, null, true, StepOutcome.Unknown)]
    [InlineData("manufacturing.disassembly-order", StepOutcome.NotReached, null, false, StepOutcome.NotReached)]
    [InlineData("manufacturing.disassembly-order", StepOutcome.Refused, 404, true, StepOutcome.Refused)]
    [InlineData("undo.manufacturing.disassembly-order", StepOutcome.Refused, 404, false, StepOutcome.Done)]
    [InlineData("undo.manufacturing.disassembly-order", StepOutcome.Refused, 409, false, StepOutcome.Refused)]
    public void Should_know_what_a_result_means_for_the_call_as_a_whole(string step, StepOutcome outcome, int? status, bool mayHaveReached, StepOutcome expected) =>
        TraditionalCourse.Settle(new TeamCall(step, "/"), new CallResult(outcome, status, null, null), mayHaveReached).Outcome.ShouldBe(expected);

    [Theory]
    [InlineData("inventory.receipt", StepOutcome.Refused, 409, true)]
    [InlineData("inventory.receipt", StepOutcome.Refused, 422, false)]
    [InlineData("inventory.receipt", StepOutcome.Unknown, null, false)]
    [InlineData("inventory.receipt", StepOutcome.Done, 201, false)]
    [InlineData("inventory.item-waived", StepOutcome.Refused, 409, false)]
    public void Should_look_whether_a_refused_receipt_was_made_past_it(string step, StepOutcome outcome, int? status, bool looks) =>
        (TraditionalCourse.LookAfter(new Drive().Asked, new TeamCall(step, "/"), new CallResult(outcome, status, null, null)) is { IsQuestion: true }).ShouldBe(looks);

    [Theory]
    [InlineData("Good", 1, DisassemblyState.Disassembled, true)]
    [InlineData("Scrap", 1, DisassemblyState.Disassembled, false)]
    [InlineData("Good", 2, DisassemblyState.Disassembled, false)]
    [InlineData("Good", 1, DisassemblyState.Diagnosed, false)]
    public void Should_take_a_disassembly_for_made_that_has_the_same_parts(string quality, int quantity, DisassemblyState state, bool made)
    {
        var report = new TeamCall(TraditionalPlan.Completion, "/", new CompleteDisassembly(
            [new RecoveredPart("B", PartQuality.Scrap), new RecoveredPart("A", Enum.Parse<PartQuality>(quality), quantity)], 20));
        var order = new DisassemblyOrderView(
            "RMA-1", "A", "SN-1", state, "SN-1", "NO_POWER", Disposition.Scrap,
            [new RecoveredPartView("A", PartQuality.Good, 1, 5), new RecoveredPartView("B", PartQuality.Scrap, 1, 2)], 5, 2, "EUR", default, CoordinationMode.Traditional);

        TraditionalCourse.LookAfter(new Drive().Asked, report, new CallResult(StepOutcome.Refused, 409, null, null))!.Path.ShouldBe("/disassembly-orders/RMA-1");
        TraditionalCourse.IsMade(report, JsonSerializer.Serialize(order, EventJson.Options)).ShouldBe(made);
    }

    [Fact]
    public void Should_finish_the_work_on_an_item_after_the_end_of_its_return()
    {
        var drive = new Drive { Refund = OrderRefundState.ManualReview, Review = RefundReview.Amount };
        drive.Run();
        drive.Asked.Reported = new ReportedSteps(new ItemReport("SN-1", "fine"));
        drive.Run();
        drive.Refund = OrderRefundState.Rejected;
        drive.AskAndRun();
        (drive.Asked.Status, drive.Asked.ReasonNotToReportWork).ShouldBe((ReturnStatus.Declined, null));

        drive.Asked.Reported = drive.Asked.Reported with { Diagnosed = new RecordDiagnosis("NO_POWER", Disposition.Scrap), Disassembled = new CompleteDisassembly([], 20) };

        drive.Run().ShouldBe(
            [TraditionalPlan.Diagnosis, "sales.item-diagnosed", "accounting.item-diagnosed", TraditionalPlan.Completion, "accounting.disassembly-completed"]);
        drive.Asked.Status.ShouldBe(ReturnStatus.Declined);
    }

    [Fact]
    public void Should_take_no_report_of_work_on_an_item_that_never_came()
    {
        var drive = new Drive();
        drive.Run();
        drive.Asked.ReasonNotToReportWork.ShouldBe("The item has not been received yet.");
        drive.Asked.CallOff("Keeps it.");
        drive.Run();
        drive.Asked.ReasonNotToReportWork.ShouldBe("The return is Cancelled; only an approved return continues.");
    }

    [Fact]
    public void Should_end_a_return_that_is_ending_although_a_report_is_refused()
    {
        var drive = new Drive { Refund = OrderRefundState.ManualReview, Review = RefundReview.Amount };
        drive.Run();
        drive.Asked.Reported = new ReportedSteps(new ItemReport("SN-1", "fine"), new RecordDiagnosis("NO_POWER", Disposition.Scrap));
        drive.Refund = OrderRefundState.Rejected;
        drive.Outcomes[TraditionalPlan.Diagnosis] = StepOutcome.Refused;

        drive.Run();

        (drive.Asked.Status, drive.Asked.Reported.Diagnosed).ShouldBe((ReturnStatus.Declined, null));
    }

    [Fact]
    public void Should_stay_over_when_a_team_does_not_answer_what_remains()
    {
        var drive = new Drive { Refund = OrderRefundState.Issued };
        drive.Run();
        drive.Asked.CallOff("Keeps it.");
        drive.Run();
        drive.Refund = OrderRefundState.Voided;
        drive.Outcomes["accounting.refund-recovered"] = StepOutcome.NotReached;
        drive.AskAndRun();
        (drive.Asked.Status, Pause(drive)).ShouldBe((ReturnStatus.Cancelled, 2));
        drive.Facts.OfType<ReturnIncomplete>().ShouldBeEmpty();
    }

    private static double? Pause(Drive drive, bool needsPerson = false) =>
        (TraditionalCourse.WakeAt(drive.Asked, drive.Next, needsPerson, Options, Drive.Now) - Drive.Now)?.TotalSeconds;
}
