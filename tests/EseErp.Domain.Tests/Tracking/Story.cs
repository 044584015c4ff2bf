using EseErp.Contracts;
using EseErp.Contracts.Accounting;
using EseErp.Contracts.DeadLetters;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.Sales;
using EseErp.Contracts.UserSupport;
using EseErp.Tracking.Returns;

namespace EseErp.Domain.Tests.Tracking;

/// <summary>What the teams said about one return, each team's facts in the order it said them.</summary>
internal sealed class Story(CoordinationMode mode = CoordinationMode.Event)
{
    public const string ReturnId = "RMA-2026-000123";
    public static readonly DateTimeOffset Start = new(2026, 11, 20, 9, 0, 0, TimeSpan.Zero);

    private readonly List<(DateTimeOffset At, object Fact)> _facts = [];

    public IReadOnlyList<(DateTimeOffset At, object Fact)> Facts => _facts;

    /// <summary>The facts of each topic: all that the broker keeps in order.</summary>
    public List<List<(DateTimeOffset At, object Fact)>> Topics => _facts.GroupBy(entry => TopicOf(entry.Fact)).Select(topic => topic.ToList()).ToList();

    /// <summary>The time of the latest fact.</summary>
    public DateTimeOffset Now => _facts[^1].At;

    public Story Then(params object[] facts)
    {
        foreach (var fact in facts) _facts.Add((Start.AddMinutes(_facts.Count), fact));
        return this;
    }

    /// <summary>The same facts in another order that the broker may hand them over in.</summary>
    public IEnumerable<(DateTimeOffset At, object Fact)> Interleaved(Random random)
    {
        var queues = Topics.Select(topic => new Queue<(DateTimeOffset, object)>(topic)).ToList();
        while (queues.Count > 0)
        {
            var queue = queues[random.Next(queues.Count)];
            yield return queue.Dequeue();
            if (queue.Count == 0) queues.Remove(queue);
        }
    }

    public TrackedReturn Told() => Told(_facts);

    public TrackedReturn Told(IEnumerable<(DateTimeOffset At, object Fact)> facts)
    {
        var tracked = new TrackedReturn { ReturnId = ReturnId, Mode = mode };
        foreach (var (at, fact) in facts) tracked.Apply(fact, at);
        return tracked;
    }

    private static string TopicOf(object fact) => fact switch
    {
        CancellationAccepted or CancellationRefused => Contracts.Topics.CancellationAnswers,
        DeadLetterOpened opened => opened.Group,
        DeadLetterClosed closed => closed.Group,
        _ => fact.GetType().Namespace!,
    };

    public static DeadLetterOpened SetAside(long id, string reason = "Exhausted", string team = "accounting", bool again = false) =>
        new(ReturnId, team, team, id, "ese.sales.refunds", "ese.sales.refund-issued.v1", reason, again);

    public static DeadLetterClosed Redriven(long id, string team = "accounting") => new(ReturnId, team, team, id, DeadLetterOutcome.Redriven, null, null);

    public static DeadLetterClosed Discarded(long id, string team = "accounting", string? by = "Erika Mustermann") =>
        new(ReturnId, team, team, id, DeadLetterOutcome.Discarded, "Booked by hand.", by);

    public static RefundRequest Requested(Resolution resolution = Resolution.RefundAndReplace) => new(
        ReturnId, "CASE-1", null, new OrderReference("SO-2026-000001", "1"), new ModelReference("LAP-14"), null,
        new DefectiveItemReference("SN-1"), new LocationReference("DOCK"), new CostReference("CC-100", "EUR"),
        ReturnReason.Defective, resolution, ReplacementTiming.OnReceipt);

    public static ReturnCancelled Cancelled { get; } = new(ReturnId, "The customer keeps it.");

    public static ReturnCancellationRequested CancellationAsked { get; } = new(ReturnId, "The customer keeps it.");

    public static CancellationAccepted CancelAccepted { get; } = new(ReturnId, "The customer keeps it.");

    public static CancellationRefused CancelRefused { get; } = new(ReturnId, "The item has arrived.");

    public static TeamsCalled Called(params string[] steps) =>
        new(ReturnId, steps.Select(step => new TeamCallMade(step, "Done", 201, null, Start, 12.5m)).ToList());

    public static OrderRefundAuthorized Authorized { get; } = new(ReturnId, "CU-7", 116.91m, "EUR");

    public static OrderRefundRejected Rejected { get; } = new(ReturnId, new List<RejectionReason> { RejectionReason.OutsideReturnWindow });

    public static OrderRefundReferred Referred { get; } = new(ReturnId, "Above the limit.", 2_000m, "EUR");

    public static OrderRefundRejected Declined { get; } =
        new(ReturnId, new List<RejectionReason> { RejectionReason.DeclinedOnReview }, "It was another model.");

    public static ItemMismatchAccepted MismatchAccepted { get; } = new(ReturnId, "The shop mixed them up.");

    public static RefundUpheld Upheld { get; } = new(ReturnId, "Goodwill.");

    public static RefundRecovered Recovered { get; } = new(ReturnId, 116.91m, "EUR");

    public static RefundIssued Issued { get; } = new(ReturnId, 116.91m, "EUR");

    public static RefundVoided Voided { get; } = new(ReturnId, "Cancelled.");

    public static ReturnExpected Expected { get; } = new(ReturnId, Start.AddDays(14));

    public static ReplacementReserved Reserved { get; } = new(ReturnId, "LAP-14");

    public static ReplacementBackordered Backordered { get; } = new(ReturnId, "LAP-14");

    public static ReplacementShipped Shipped { get; } = new(ReturnId, "LAP-14");

    public static ReplacementCancelled Released { get; } = new(ReturnId, "Rejected.");

    public static ReplacementDelivered Delivered { get; } = new(ReturnId);

    public static ReplacementRecalled Recalled { get; } = new(ReturnId, "LAP-14", "The customer keeps it.");

    public static RecalledUnitReturned RecalledReturned { get; } = new(ReturnId, "LAP-14");

    public static ItemWaived Waived { get; } = new(ReturnId, "Not worth the freight.");

    public static ItemRestocked Restocked { get; } = new(ReturnId, "LAP-14");

    public static ItemReceived AnotherReceived { get; } = new(ReturnId, "SN-2", "Scratched.");

    public static ItemReceived Received { get; } = new(ReturnId, "SN-1", "Scratched.");

    public static ReturnExpired Expired { get; } = new(ReturnId);

    public static DisassemblyOrderOpened Opened { get; } = new(ReturnId, "LAP-14");

    public static ItemMismatch Mismatch { get; } = new(ReturnId, "SN-1", "SN-2");

    public static DisassemblyCompleted Disassembled { get; } = new(ReturnId, 30.25m, 12m, "EUR");

    public static DisassemblyOrderCancelled NotDisassembled { get; } = new(ReturnId, "Rejected.");

    public static AssetDisposalOpened Provided { get; } = new(ReturnId, 80.50m, "EUR");

    public static AssetDisposalPosted Posted { get; } = new(ReturnId, 50.25m, 30.25m, "EUR");

    public static AssetDisposalReversed Reversed { get; } = new(ReturnId, "Rejected.");

    public static ItemDiagnosed Diagnosed(Disposition disposition = Disposition.Scrap) => new(ReturnId, "BATTERY_SWOLLEN", disposition);
}
