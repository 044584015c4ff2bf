using System.Text.Json;
using EseErp.Contracts;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.Sales;
using EseErp.Contracts.UserSupport;
using EseErp.EventStore;
using EseErp.UserSupport.Returns;
using EseErp.UserSupport.Traditional;

namespace EseErp.Domain.Tests.UserSupport;

/// <summary>
/// A traditional return and teams that answer as they would, without process, database or clock: what <c>TraditionalProcess</c>
/// does between the rules.
/// </summary>
internal sealed class Drive
{
    public static readonly DateTimeOffset Now = new(2026, 11, 20, 8, 0, 0, TimeSpan.Zero);
    public static readonly DateTimeOffset DueAt = Now.AddDays(14);

    public const string OtherSerial = "SN-2";

    public Drive(Resolution resolution = Resolution.RefundAndReplace, ReplacementTiming timing = ReplacementTiming.OnReceipt) =>
        Asked = Carried(Filed(CoordinationMode.Traditional, resolution, timing));

    /// <summary>A return as it was filed.</summary>
    public static Return Filed(CoordinationMode mode, Resolution resolution, ReplacementTiming timing = ReplacementTiming.OnReceipt) => new()
    {
        ReturnId = "RMA-1",
        CaseId = "RMA-1",
        OrderId = "SO-1",
        LineId = "1",
        Sku = "A",
        SerialNumber = "SN-1",
        Reason = ReturnReason.Defective,
        Resolution = resolution,
        ReplacementTiming = timing,
        Location = "W",
        CostCenter = "C",
        CostCurrency = "EUR",
        Mode = mode,
        FiledAt = Now.AddHours(-3),
        CorrelationId = "c",
    };

    /// <summary>A return as User Support begins to carry it.</summary>
    public static TraditionalReturn Carried(Return filed) => new() { ReturnId = filed.ReturnId, Return = filed };

    public TraditionalReturn Asked { get; }

    public List<ReturnStep> Steps { get; } = [];

    public List<object> Facts { get; } = [];

    /// <summary>Outcome of a call other than Done, by step.</summary>
    public Dictionary<string, StepOutcome> Outcomes { get; } = [];

    /// <summary>Sales' document, as a person there or the calls make it.</summary>
    public OrderRefundState Refund { get; set; } = OrderRefundState.Authorized;

    public RefundReview? Review { get; set; }

    /// <summary>Sales asks a person when it hears of the diagnosis.</summary>
    public bool SentBackAsks { get; set; }

    /// <summary>What becomes of the money when the item is in.</summary>
    public OrderRefundState RefundOnReceipt { get; set; } = OrderRefundState.Issued;

    /// <summary>Somebody took the refund back at Sales, past User Support.</summary>
    public bool TakenBack { get; set; }

    public ShipmentState Shipment { get; set; } = ShipmentState.Reserved;

    /// <summary>Paths that were called, by step.</summary>
    public Dictionary<string, string> Paths { get; } = [];

    /// <summary>What was sent, by step.</summary>
    public Dictionary<string, object?> Bodies { get; } = [];

    public TeamCall? Next => TraditionalPlan.Next(Asked, Steps, parallel: false).SingleOrDefault();

    /// <summary>Makes calls until there is none to make, and lists them. Questions are not asked.</summary>
    public List<string> Run()
    {
        var made = new List<string>();
        while (Next is { IsQuestion: false } call)
        {
            made.Add(call.Step);
            made.Count.ShouldBeLessThan(40, "the plan does not come to an end");
            if (!Make(call).GoesOn) return made;
        }

        Facts.AddRange(TraditionalCourse.Rest(Asked, new TeamAnswers(Steps)));
        return made;
    }

    /// <summary>Asks what is to be asked, and goes on.</summary>
    public List<string> AskAndRun()
    {
        var question = Next.ShouldNotBeNull();
        question.IsQuestion.ShouldBeTrue(question.Step);
        object document = question.Step == TraditionalPlan.Review ? RefundView() : ShipmentView();
        var answer = JsonSerializer.Serialize(document, EventJson.Options);
        if (TraditionalCourse.IsDecided(Asked, question, answer)) Write(question, new CallResult(StepOutcome.Done, 200, answer, null));
        return Run();
    }

    public Verdict Make(TeamCall call)
    {
        var outcome = Outcomes.GetValueOrDefault(call.Step, StepOutcome.Done);
        return Write(call, outcome == StepOutcome.Done
            ? new CallResult(outcome, 200, JsonSerializer.Serialize(Answer(call), EventJson.Options), null)
            : new CallResult(outcome, outcome == StepOutcome.Refused ? 409 : null, null, $"{call.Step} is {outcome}"));
    }

    private Verdict Write(TeamCall call, CallResult result)
    {
        (Paths[call.Step], Bodies[call.Step]) = (call.Path, call.Body);
        var step = Steps.Find(step => step.Name == call.Step && step.Outcome is (StepOutcome.Unknown or StepOutcome.NotReached));
        if (step is null) Steps.Add(step = new ReturnStep { ReturnId = "RMA-1", Number = Steps.Count + 1, Name = call.Step });
        (step.Outcome, step.Answer, step.EndedAt) = (result.Outcome, result.Answer, Now.AddSeconds(Steps.Count));
        var verdict = TraditionalCourse.Judge(Asked, Steps, call, result);
        if (verdict.Fact is { } fact) Facts.Add(fact);
        return verdict;
    }

    // The teams as they are: a call has its effect, and the answer is the document.
    private object Answer(TeamCall call)
    {
        switch (call.Step)
        {
            case "sales.item-received" when call.Body is ReportItemReceived { SerialNumber: OtherSerial }:
                (Refund, Review) = (OrderRefundState.ManualReview, RefundReview.Mismatch);
                break;
            case "sales.item-received" or "sales.item-waived" when Refund == OrderRefundState.Authorized:
                Refund = RefundOnReceipt;
                break;
            case "sales.item-diagnosed" when SentBackAsks:
                (Refund, Review) = (OrderRefundState.ManualReview, RefundReview.SentBack);
                break;
            case "undo.sales.refund-request":
                (Refund, Review) = (Refund == OrderRefundState.Issued ? OrderRefundState.ManualReview : OrderRefundState.Voided, RefundReview.Recovery);
                break;
            case "inventory.receipt" or "inventory.item-waived" or "inventory.refund-authorized" or "inventory.mismatch-accepted" when Shipment == ShipmentState.Reserved:
                // Not for another device, and not before Sales agrees.
                if (call.Body is not RecordReceipt { SerialNumber: OtherSerial } && Refund is OrderRefundState.Authorized or OrderRefundState.Issued)
                    Shipment = ShipmentState.Shipped;
                break;
            case TraditionalPlan.UndoShipment:
                Shipment = Shipment == ShipmentState.Shipped ? ShipmentState.Recalled : ShipmentState.Cancelled;
                break;
            case TraditionalPlan.Recall:
                Shipment = ShipmentState.Returned;
                break;
        }

        return call.Team switch
        {
            "sales" => RefundView(),
            "inventory" => ShipmentView(),
            "manufacturing" => new DisassemblyOrderView(
                "RMA-1", "A", "SN-1", call.Body is ItemArrived { SerialNumber: OtherSerial } ? DisassemblyState.Mismatch : DisassemblyState.Disassembled,
                "SN-1", "NO_POWER", Disposition.Scrap, [], 5m, 2m, "EUR", default, CoordinationMode.Traditional),
            _ => new { returnId = "RMA-1" },
        };
    }

    // Money that was paid comes under review for either reason; the tests decline it, unless they say otherwise.
    private bool IsDeclined => Refund == OrderRefundState.Rejected || (Refund == OrderRefundState.ManualReview && Review == RefundReview.Recovery && !TakenBack);

    private OrderRefundRequestView RefundView() => new(
        "RMA-1", "SO-1", "1", "SN-1", "C-1", Refund, 10m, "EUR", IsDeclined ? [RejectionReason.DeclinedOnReview] : [],
        default, null, CoordinationMode.Traditional, null, Refund == OrderRefundState.ManualReview ? Review : null, null);

    private ShipmentRequestView ShipmentView() => new(
        "RMA-1", "A", "SN-1", Shipment, Asked.Return.ReplacementTiming, new ReturnReceiptView(ReceiptState.Expected, DueAt, null, null, null),
        default, null, CoordinationMode.Traditional);
}
