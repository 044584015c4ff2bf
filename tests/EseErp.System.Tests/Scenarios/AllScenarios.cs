using EseErp.Contracts.Inventory;
using EseErp.Contracts.Sales;

namespace EseErp.SystemTests.Scenarios;

/// <summary>The life of a return in one table: what people do, and what is left in the end in either mode.</summary>
public static class AllScenarios
{
    private const string Nothing = Outcome.Nothing;

    private static readonly string[] Usual = ["DisassemblyCompleted", "ItemReceived", "RefundIssued", "ReplacementShipped"];

    public static IReadOnlyList<Scenario> Ordinary { get; } =
    [
        new("Replacement on receipt, scrapped", async sent =>
        {
            await sent.File();
            await sent.Receive();
            await sent.Diagnose("Scrap");
            await sent.TakeApart();
        }, "Completed", "Issued", "Shipped", "Received", "Disassembled, Scrap", "Posted", Usual),

        new("Replacement in advance, refurbished", async sent =>
        {
            await sent.File(timing: "Advance");
            await sent.Inventory(request => request.State == ShipmentState.Shipped);
            await sent.Receive();
            await sent.Diagnose("Refurbish");
            await sent.TakeApart();
        }, "Completed", "Issued", "Shipped", "Received", "Disassembled, Refurbish", "Posted", Usual),

        new("Refund alone", async sent =>
        {
            await sent.File(resolution: "Refund");
            await sent.Receive();
            await sent.Diagnose("Scrap");
            await sent.TakeApart();
        }, "Completed", "Issued", Nothing, "Received", "Disassembled, Scrap", "Posted", "DisassemblyCompleted", "ItemReceived", "RefundIssued"),

        new("Replacement alone", async sent =>
        {
            await sent.File(resolution: "Replace");
            await sent.Receive();
            await sent.Diagnose("Scrap");
            await sent.TakeApart();
        }, "Completed", "Authorized", "Shipped", "Received", "Disassembled, Scrap", "Posted", "DisassemblyCompleted", "ItemReceived", "ReplacementShipped"),

        new("Good as new: back to stock", async sent =>
        {
            await sent.File();
            await sent.Receive();
            await sent.Diagnose("ReturnToStock");
        }, "Completed", "Issued", "Shipped", "Received", "Diagnosed, ReturnToStock", Nothing, "ItemDiagnosed", "ItemReceived", "RefundIssued", "ReplacementShipped"),

        new("Back to the customer", async sent =>
        {
            await sent.File();
            await sent.Receive();
            await sent.Diagnose("ReturnToCustomer");
            await sent.Approve();
        }, "Completed", "Issued", "Shipped", "Received", "Diagnosed, ReturnToCustomer", Nothing, "ItemDiagnosed", "ItemReceived", "RefundIssued", "ReplacementShipped"),

        new("Cancelled before anything was shipped", async sent =>
        {
            await sent.File();
            await sent.Cancel();
        }, "Cancelled", "Voided", Nothing, Nothing, Nothing, Nothing),

        new("Cancelled after the replacement was shipped", async sent =>
        {
            await sent.File(timing: "Advance");
            await sent.Inventory(request => request.State == ShipmentState.Shipped);
            await sent.Cancel();
            await sent.GetReplacementBack();
        }, "Cancelled", "Voided", "Returned", Nothing, Nothing, Nothing, "RecalledUnitReturned", "ReplacementShipped"),

        new("Cancelled too late", async sent =>
        {
            await sent.File();
            await sent.Receive();
            await sent.CancelInVain();
            await sent.Diagnose("Scrap");
            await sent.TakeApart();
        }, "Completed", "Issued", "Shipped", "Received", "Disassembled, Scrap", "Posted", Usual),

        new("The item never comes", async sent =>
        {
            await sent.File();
            await sent.LetTimePass();
        }, "Expired", "Voided", Nothing, "Expired", Nothing, Nothing),

        new("The item never comes, and the replacement is back", async sent =>
        {
            await sent.File(timing: "Advance");
            await sent.Inventory(request => request.State == ShipmentState.Shipped);
            await sent.LetTimePass();
            await sent.GetReplacementBack();
        }, "Expired", "Voided", "Returned", "Expired", Nothing, Nothing, "RecalledUnitReturned", "ReplacementShipped"),

        new("The item need not come back", async sent =>
        {
            await sent.File();
            await sent.Waive();
        }, "Completed", "Issued", "Shipped", "Waived", Nothing, Nothing, "RefundIssued", "ReplacementShipped"),

        new("Another device comes back, and is accepted", async sent =>
        {
            await sent.File();
            await sent.Receive($"OTHER-THAN-{sent.ReturnId}");
            await sent.Approve();
            await sent.Diagnose("Scrap");
            await sent.TakeApart();
        }, "Completed", "Issued", "Shipped", "Received", "Disassembled, Scrap", "Posted", Usual),

        new("Another device comes back, and is not accepted", async sent =>
        {
            await sent.File();
            await sent.Receive($"OTHER-THAN-{sent.ReturnId}");
            await sent.Decline();
        }, "Declined", "Rejected: DeclinedOnReview", Nothing, "Received", Nothing, Nothing, "ItemReceived", "OrderRefundRejected"),
    ];

    /// <summary>Refunds above the limit.</summary>
    public static IReadOnlyList<Scenario> HighValue { get; } =
    [
        new("Above the limit, approved", async sent =>
        {
            await sent.File();
            await sent.Approve();
            await sent.Sales(refund => refund.State == OrderRefundState.Authorized);
            await sent.Receive();
            await sent.Diagnose("Scrap");
            await sent.TakeApart();
        }, "Completed", "Issued", "Shipped", "Received", "Disassembled, Scrap", "Posted", Usual),

        new("Above the limit, declined", async sent =>
        {
            await sent.File();
            await sent.Decline();
        }, "Declined", "Rejected: DeclinedOnReview", Nothing, Nothing, Nothing, Nothing),

        new("Above the limit, cancelled while a person thinks", async sent =>
        {
            await sent.File();
            await sent.Sales(refund => refund.State == OrderRefundState.ManualReview);
            await sent.Cancel();
        }, "Cancelled", "Voided", Nothing, Nothing, Nothing, Nothing),
    ];

    /// <summary>Models that are sold out.</summary>
    public static IReadOnlyList<Scenario> SoldOut { get; } =
    [
        new("Backordered, then replenished", async sent =>
        {
            await sent.File();
            await sent.Inventory(request => request.State == ShipmentState.Backordered);
            await sent.Receive();
            await sent.Diagnose("Scrap");
            await sent.TakeApart();
            await sent.Replenish(1);
        }, "Completed", "Issued", "Shipped", "Received", "Disassembled, Scrap", "Posted", Usual),

        new("Backordered, then cancelled", async sent =>
        {
            await sent.File();
            await sent.Inventory(request => request.State == ShipmentState.Backordered);
            await sent.Cancel();
        }, "Cancelled", "Voided", Nothing, Nothing, Nothing, Nothing),
    ];
}
