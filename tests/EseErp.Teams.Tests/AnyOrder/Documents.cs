using System.Text.Json.Nodes;

namespace EseErp.Teams.Tests.AnyOrder;

/// <summary>What every team has of a return; null where it has nothing.</summary>
public sealed record Documents(JsonNode? Asked, JsonNode? Refund, JsonNode? Shipment, JsonNode? Disassembly, JsonNode? Disposal, JsonNode? Tracked)
{
    public string? RefundState => State(Refund);

    public string? ShipmentState => State(Shipment);

    public string? ReceiptState => State(Shipment?["receipt"]);

    public string? DisassemblyState => State(Disassembly);

    public string? Disposition => (string?)Disassembly?["disposition"];

    public string? DisposalState => State(Disposal);

    public bool IsClosed => (bool?)Tracked?["closed"] == true;

    /// <summary>Whether the workbench still has to take it apart.</summary>
    public bool IsToBeTakenApart => DisassemblyState == "Diagnosed" && Disposition is "Scrap" or "Refurbish";

    public static async Task<Documents> Of(WholeSystem system, Subject subject)
    {
        var id = subject.ReturnId;
        return new Documents(
            await system.Of("user-support").Get($"/returns/{id}"), await system.Of("sales").Get($"/order-refund-requests/{id}"),
            await system.Of("inventory").Get($"/shipment-requests/{id}"), await system.Of("manufacturing").Get($"/disassembly-orders/{id}"),
            await system.Of("accounting").Get($"/asset-disposals/{id}"), await system.Of("tracking").Get($"/returns/{id}"));
    }

    /// <summary>What the teams hold for it.</summary>
    public IEnumerable<string> Open()
    {
        if (RefundState is "Pending" or "ManualReview") yield return $"Sales: {RefundState} {Refund!["review"]}";
        if (ShipmentState is "Reserved" or "Backordered" or "Released" or "Recalled") yield return $"Inventory: replacement {ShipmentState}";
        if (ReceiptState is "Expected") yield return "Inventory: item expected";
        if (DisassemblyState is "AwaitingItem" or "Received" or "Mismatch" || IsToBeTakenApart) yield return $"Manufacturing: {DisassemblyState} {Disposition}";
        if (DisposalState is "Provisional") yield return "Accounting: Provisional";
    }

    public override string ToString() =>
        $"user support {Asked?["mode"]} {Asked?["status"]}, sales {RefundState} {Refund?["review"]}, inventory {ShipmentState} / {ReceiptState}, "
        + $"manufacturing {DisassemblyState} {Disposition}, accounting {DisposalState}, tracking {Tracked?["status"]} settled {Tracked?["settled"]} closed {Tracked?["closed"]}, "
        + $"facets {string.Join(' ', Tracked?["facets"]?.AsObject().Select(facet => $"{facet.Key} {facet.Value!["state"]}") ?? [])}";

    private static string? State(JsonNode? document) => (string?)document?["state"];
}
