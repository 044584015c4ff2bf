using EseErp.Lab.Returns;

namespace EseErp.Lab.Auditing;

/// <summary>What a return comes to when nothing is lost and nothing done twice.</summary>
/// <param name="Documents">The final state of each document; one that is not here must not exist.</param>
/// <param name="Status">As Tracking sums it up.</param>
/// <param name="Journal">The causes that are booked, each once.</param>
/// <param name="Facts">Facts that must be recorded, each once; there are others too.</param>
internal sealed record Expectation(
    IReadOnlyDictionary<string, string> Documents, string Status, IReadOnlyList<string> Journal, IReadOnlyList<string> Facts)
{
    public static Expectation Of(PlannedReturn planned) =>
        planned.IsAcceptable ? Completed(planned) : planned.IsTraditional ? DeclinedByCall() : DeclinedByEvent(planned);

    private static Expectation Completed(PlannedReturn planned)
    {
        List<string> journal = ["ItemReceived", "DisassemblyCompleted"];
        List<string> facts =
        [
            "ese.user-support.refund-request.v1", "ese.sales.order-refund-authorized.v1", "ese.inventory.item-received.v1",
            "ese.manufacturing.disassembly-completed.v1", "ese.accounting.asset-disposal-posted.v1",
        ];
        if (planned.WantsMoney)
        {
            journal.Add("RefundIssued");
            facts.Add("ese.sales.refund-issued.v1");
        }

        if (planned.WantsReplacement)
        {
            journal.Add("ReplacementShipped");
            facts.Add("ese.inventory.replacement-shipped.v2");
        }

        return new Expectation(
            new Dictionary<string, string>
            {
                [Auditing.Documents.Return] = planned.IsTraditional ? "Approved" : "Requested",
                [Auditing.Documents.Refund] = planned.WantsMoney ? "Issued" : "Authorized",
                [Auditing.Documents.Replacement] = planned.WantsReplacement ? "Shipped" : "NotRequested",
                [Auditing.Documents.Receipt] = "Received",
                [Auditing.Documents.Disassembly] = "Disassembled",
                [Auditing.Documents.Disposal] = "Posted",
            },
            "Completed",
            journal,
            facts);
    }

    // Every team has begun by the time Sales declines, and takes its part back.
    private static Expectation DeclinedByEvent(PlannedReturn planned) => new(
        new Dictionary<string, string>
        {
            [Auditing.Documents.Return] = "Requested",
            [Auditing.Documents.Refund] = "Rejected",
            [Auditing.Documents.Replacement] = planned.WantsReplacement ? "Cancelled" : "NotRequested",
            [Auditing.Documents.Receipt] = "Closed",
            [Auditing.Documents.Disassembly] = "Cancelled",
            [Auditing.Documents.Disposal] = "Reversed",
        },
        "Declined",
        [],
        ["ese.user-support.refund-request.v1", "ese.sales.order-refund-rejected.v3", "ese.accounting.asset-disposal-reversed.v1"]);

    // Sales is asked first, and nobody after it.
    private static Expectation DeclinedByCall() => new(
        new Dictionary<string, string> { [Auditing.Documents.Return] = "Declined", [Auditing.Documents.Refund] = "Rejected" },
        "Declined",
        [],
        ["ese.sales.order-refund-rejected.v3"]);
}
