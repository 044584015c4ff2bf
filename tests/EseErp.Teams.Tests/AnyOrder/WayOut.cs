namespace EseErp.Teams.Tests.AnyOrder;

/// <summary>
/// The calls by which people bring any return to an end, as docs/domain.md lists them ("A way to an end"). They look at what the
/// teams have, and need nothing else.
/// </summary>
public sealed class WayOut(WholeSystem system, int decisions)
{
    // Each round may lead to another: declined, then recovered; received, then inspected, then taken apart.
    private const int Rounds = 12;

    private readonly Random _decisions = new(decisions);

    public async Task Take(IEnumerable<Subject> subjects)
    {
        system.Note("-- a way to an end --");
        var open = subjects.ToList();
        for (var round = 0; round < Rounds && open.Count > 0; round++)
        {
            var still = new List<Subject>();
            foreach (var subject in open)
            {
                var documents = await Documents.Of(system, subject);
                if (subject.IsFiled ? documents.IsClosed : !documents.Open().Any()) continue;
                still.Add(subject);
                await (subject switch
                {
                    { IsFiled: false } => Dismiss(subject, documents),
                    { Mode: "event" } => GoOnByEvents(subject, documents),
                    _ => GoOnByCalls(subject, documents),
                });
            }

            open = still;
            if (open.Count > 0) await system.Quiet();
        }
    }

    private async Task GoOnByEvents(Subject subject, Documents documents)
    {
        await Decide(subject, documents);
        if (documents.ReceiptState == "Expected")
            await OrCancel(subject, _decisions.Next(3) switch
            {
                0 => Post("inventory", $"/shipment-requests/{subject.ReturnId}/waive", Reason),
                1 => Post("user-support", $"/returns/{subject.ReturnId}/cancel", Reason),
                _ => Post("inventory", "/receipts", new { returnId = subject.ReturnId, serialNumber = subject.SerialNumber, condition = "complete" }),
            });
        if (documents.DisassemblyState == "Received")
            await Post("manufacturing", $"/disassembly-orders/{subject.ReturnId}/diagnosis", Diagnosis());
        if (documents.IsToBeTakenApart) await Post("manufacturing", $"/disassembly-orders/{subject.ReturnId}/complete", Completion);
        if (documents.ShipmentState == "Recalled") await Post("inventory", $"/shipment-requests/{subject.ReturnId}/recalled-unit-returned");
    }

    // Everything at User Support, which tells the teams: also what somebody has told a team itself.
    private async Task GoOnByCalls(Subject subject, Documents documents)
    {
        var returns = $"/returns/{subject.ReturnId}";
        await Decide(subject, documents);
        await Post("user-support", $"{returns}/resume");
        switch (documents.ReceiptState)
        {
            case "Expected":
                await OrCancel(subject, _decisions.Next(3) switch
                {
                    0 => Post("user-support", $"{returns}/steps/item-waived", Reason),
                    1 => Post("user-support", $"{returns}/cancel", Reason),
                    _ => Post("user-support", $"{returns}/steps/item-received", new { serialNumber = subject.SerialNumber, condition = "complete" }),
                });
                break;
            case "Received":
                var receipt = documents.Shipment!["receipt"]!;
                await Post("user-support", $"{returns}/steps/item-received", new { serialNumber = (string?)receipt["receivedSerialNumber"], condition = (string?)receipt["condition"] });
                break;
            case "Waived":
                await Post("user-support", $"{returns}/steps/item-waived", Reason);
                break;
        }

        switch (documents.DisassemblyState)
        {
            case "Received": await Post("user-support", $"{returns}/steps/diagnosed", Diagnosis()); break;
            case "Diagnosed" or "Disassembled":
                await Post("user-support", $"{returns}/steps/diagnosed", new { faultCode = (string?)documents.Disassembly!["faultCode"], disposition = documents.Disposition });
                break;
        }

        if (documents.IsToBeTakenApart) await Post("user-support", $"{returns}/steps/disassembled", Completion);
        if (documents.DisassemblyState == "Disassembled")
            await Post("user-support", $"{returns}/steps/disassembled", new
            {
                parts = documents.Disassembly!["parts"]!.AsArray()
                    .Select(part => new { partSku = (string?)part!["partSku"], quality = (string?)part["quality"], quantity = (int)part["quantity"]! }).ToArray(),
                labourMinutes = 20,
            });
        if (documents.ShipmentState is "Recalled" or "Returned") await Post("user-support", $"{returns}/steps/recalled-unit-returned");
        if ((string?)documents.Asked!["status"] is "Declined" or "Cancelled" or "Expired") await Dismiss(subject, documents);
    }

    // A document that somebody opened himself, without User Support: under an id that nothing was filed under, or at a team that was
    // never asked. Each team ends its own; what User Support opened it does not.
    private async Task Dismiss(Subject subject, Documents documents)
    {
        var id = subject.ReturnId;
        if (documents.RefundState == "ManualReview") await Post("sales", $"/order-refund-requests/{id}/decline");
        if (documents.ReceiptState == "Expected") await Post("inventory", $"/shipment-requests/{id}/cancel", Reason);
        else if (documents.ShipmentState is "Reserved" or "Backordered" or "Shipped" or "Delivered") await Post("inventory", $"/shipment-requests/{id}/refund-rejected", Reason);
        if (documents.ShipmentState == "Recalled") await Post("inventory", $"/shipment-requests/{id}/recalled-unit-returned");
        if (documents.IsToBeTakenApart) await Post("manufacturing", $"/disassembly-orders/{id}/complete", Completion);
        else if (documents.DisassemblyState is "AwaitingItem" or "Received" or "Mismatch") await Post("manufacturing", $"/disassembly-orders/{id}/cancel", Reason);
        if (documents.DisposalState == "Provisional") await Post("accounting", $"/asset-disposals/{id}/reverse", Reason);
    }

    private async Task Decide(Subject subject, Documents documents)
    {
        if (documents.RefundState == "ManualReview")
            await Post("sales", $"/order-refund-requests/{subject.ReturnId}/{(_decisions.Next(2) == 0 ? "approve" : "decline")}");
        if (documents.ShipmentState == "Backordered") await Post("inventory", $"/stock/{subject.Sku}/replenish", new { quantity = 1 });
    }

    // A device that came back in another return is neither received nor waived here.
    private async Task OrCancel(Subject subject, Task<int> made)
    {
        if (await made == 409) await Post("user-support", $"/returns/{subject.ReturnId}/cancel", Reason);
    }

    private async Task<int> Post(string team, string address, object? body = null) => (await system.Call(team, "POST", address, body)).Status;

    private object Diagnosis() => new
    {
        faultCode = "NO_FAULT_FOUND", disposition = _decisions.Next(4) switch { 0 => "ReturnToStock", 1 => "ReturnToCustomer", _ => "Scrap" },
    };

    private static object Completion => new { parts = Array.Empty<object>(), labourMinutes = 20 };

    private static object Reason => new { reason = "Nothing else is left to do." };
}
