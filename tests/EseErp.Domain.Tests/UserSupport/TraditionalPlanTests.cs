using System.Text.Json;
using EseErp.Contracts;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.Sales;
using EseErp.EventStore;
using EseErp.UserSupport.Returns;
using EseErp.UserSupport.Traditional;

namespace EseErp.Domain.Tests.UserSupport;

/// <summary>The next call follows from what is written down, and from nothing else.</summary>
public sealed class TraditionalPlanTests
{
    private static readonly string[] TheFourTeams =
        ["sales.refund-request", "inventory.shipment-request", "manufacturing.disassembly-order", "accounting.asset-disposal"];

    private readonly List<ReturnStep> _steps = [];

    [Fact]
    public void Should_call_the_four_teams_in_order_and_then_wait_for_people() =>
        RunToTheEnd(Asked()).ShouldBe(TheFourTeams);

    [Fact]
    public void Should_tell_every_team_that_the_item_is_in_and_accounting_what_followed_from_it()
    {
        var asked = Asked();
        RunToTheEnd(asked);
        asked.Reported = asked.Reported with { Received = new ItemReport("SN-1", "fine") };

        RunToTheEnd(asked).ShouldBe(
        [
            "inventory.receipt", "sales.item-received", "manufacturing.item-received", "accounting.item-received",
            "accounting.replacement-shipped", "accounting.refund-issued",
        ]);
    }

    [Fact]
    public void Should_tell_accounting_what_manufacturing_recovered()
    {
        var asked = Asked();
        asked.Reported = new ReportedSteps(
            new ItemReport("SN-1", "fine"), new RecordDiagnosis("NO_POWER", Disposition.Scrap), new CompleteDisassembly([], 10));

        RunToTheEnd(asked).TakeLast(2).ShouldBe(["manufacturing.complete", "accounting.disassembly-completed"]);
    }

    [Fact]
    public void Should_let_a_replacement_leave_before_the_item_is_back_only_if_that_was_asked_for()
    {
        RunToTheEnd(Asked(timing: ReplacementTiming.Advance)).ShouldBe(
            [.. TheFourTeams, "inventory.refund-authorized", "accounting.replacement-shipped"]);
        _steps.Clear();
        RunToTheEnd(Asked(Resolution.Refund, ReplacementTiming.Advance)).ShouldBe(TheFourTeams);
    }

    [Theory]
    [InlineData(StepOutcome.Unknown)]
    [InlineData(StepOutcome.NotReached)]
    public void Should_repeat_the_step_without_a_known_outcome(StepOutcome outcome)
    {
        Answer("sales.refund-request", StepOutcome.Done);
        Answer("inventory.shipment-request", outcome);

        TraditionalPlan.Next(Asked(), _steps)!.Step.ShouldBe("inventory.shipment-request");
    }

    [Fact]
    public void Should_undo_in_reverse_order_what_was_done_or_may_have_been()
    {
        Answer("sales.refund-request", StepOutcome.Done);
        Answer("inventory.shipment-request", StepOutcome.Done);
        Answer("manufacturing.disassembly-order", StepOutcome.Unknown);
        Answer("accounting.asset-disposal", StepOutcome.Refused);
        var asked = Asked();
        asked.UndoReason = "Accounting refuses.";

        RunToTheEnd(asked).ShouldBe(["undo.manufacturing.disassembly-order", "undo.inventory.shipment-request", "undo.sales.refund-request"]);
    }

    [Fact]
    public void Should_undo_nothing_at_a_team_that_was_not_reached()
    {
        Answer("sales.refund-request", StepOutcome.Refused);
        Answer("inventory.shipment-request", StepOutcome.NotReached);
        var asked = Asked();
        asked.UndoReason = "No.";

        TraditionalPlan.Next(asked, _steps).ShouldBeNull();
    }

    private static Return Asked(Resolution resolution = Resolution.RefundAndReplace, ReplacementTiming timing = ReplacementTiming.OnReceipt) => new()
    {
        ReturnId = "RMA-1", CaseId = "RMA-1", OrderId = "SO-1", LineId = "1", Sku = "A", SerialNumber = "SN-1", Reason = ReturnReason.Defective,
        Resolution = resolution, ReplacementTiming = timing, Location = "W", CostCenter = "C", CostCurrency = "EUR",
        Mode = CoordinationMode.Traditional, FiledAt = default, CorrelationId = "c",
    };

    private List<string> RunToTheEnd(Return asked)
    {
        var made = new List<string>();
        while (TraditionalPlan.Next(asked, _steps) is { } call)
        {
            made.Add(call.Step);
            made.Count.ShouldBeLessThan(30, "the plan does not come to an end");
            Answer(call.Step, StepOutcome.Done);
        }

        return made;
    }

    // The teams answer as they would: the item's arrival releases money and replacement.
    private void Answer(string step, StepOutcome outcome)
    {
        object? answer = step switch
        {
            "sales.refund-request" => Refund(OrderRefundState.Authorized),
            "sales.item-received" or "sales.item-diagnosed" => Refund(OrderRefundState.Issued),
            "inventory.shipment-request" => Shipment(ShipmentState.Reserved),
            "inventory.receipt" or "inventory.refund-authorized" => Shipment(ShipmentState.Shipped),
            "manufacturing.complete" => new DisassemblyOrderView(
                "RMA-1", "A", "SN-1", DisassemblyState.Disassembled, "SN-1", "NO_POWER", Disposition.Scrap, [], 5m, 2m, "EUR", default, CoordinationMode.Traditional),
            _ => null,
        };
        _steps.Add(new ReturnStep
        {
            ReturnId = "RMA-1", Number = _steps.Count + 1, Name = step, Outcome = outcome,
            Answer = answer is null ? null : JsonSerializer.Serialize(answer, EventJson.Options),
        });
    }

    private static OrderRefundRequestView Refund(OrderRefundState state) => new(
        "RMA-1", "SO-1", "1", "SN-1", "C-1", state, 10m, "EUR", [], default, null, CoordinationMode.Traditional);

    private static ShipmentRequestView Shipment(ShipmentState state) => new(
        "RMA-1", "A", "SN-1", state, ReplacementTiming.OnReceipt, new ReturnReceiptView(ReceiptState.Received, default, null, null, null),
        default, null, CoordinationMode.Traditional);
}
