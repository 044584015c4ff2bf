using System.Text.Json;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.Sales;
using EseErp.DemoData;

namespace EseErp.SystemTests.Scenarios;

/// <summary>
/// One return in one mode, and what people do to it: the customer, the dock, the workbench, the reviewer at Sales. In event
/// mode they report to the team, in traditional mode to User Support.
/// </summary>
public sealed class ReturnOnItsWay(RunningSystem system, string mode, DemoReturn device)
{
    private bool ByCalls => mode != "event";

    public RunningSystem System => system;

    public DemoReturn Device => device;

    public string Mode => mode;

    public string ReturnId { get; private set; } = "";

    /// <summary>The customer files it. A rejection is not an error here; the scenario says what it expects in the end.</summary>
    public async Task File(string? resolution = null, string? timing = null, string? shipmentId = null, string? location = null)
    {
        var request = new
        {
            device.OrderId,
            device.LineId,
            device.Sku,
            device.SerialNumber,
            device.Reason,
            resolution,
            replacementTiming = timing,
            shipmentId,
            location,
            mode,
        };
        var answer = await system.Post(Teams.UserSupport, "returns", request, Guid.NewGuid().ToString());
        answer.Status.ShouldBeOneOf(mode == "traditional" ? [201, 409] : [202], answer.Body);
        ReturnId = answer.Json.Text("returnId")!;
        await system.Settled(ReturnId);
    }

    public async Task Approve() => (await Review("approve")).Expect(200);

    public async Task Decline() => (await Review("decline")).Expect(200);

    /// <summary>The item arrives.</summary>
    /// <param name="serialNumber">Read off the device; null: the announced one.</param>
    public Task Receive(string? serialNumber = null) => ByCalls
        ? Step("item-received", new { serialNumber = serialNumber ?? device.SerialNumber, condition = "as described" })
        : Post(Teams.Inventory, "receipts", new { ReturnId, serialNumber = serialNumber ?? device.SerialNumber, condition = "as described" }, 201);

    public async Task Diagnose(string disposition)
    {
        await Manufacturing(order => order.State == DisassemblyState.Received);
        var diagnosis = new { faultCode = "BATTERY_SWOLLEN", disposition };
        if (ByCalls) await Step("diagnosed", diagnosis);
        else await Post(Teams.Manufacturing, $"disassembly-orders/{ReturnId}/diagnosis", diagnosis);
    }

    /// <summary>The first part of the bill of materials is good; ten minutes of work.</summary>
    /// <param name="sku">The model; null: the announced one.</param>
    public async Task TakeApart(string? sku = null)
    {
        var part = system.Catalogue.Products.Single(product => product.Sku == (sku ?? device.Sku)).BillOfMaterials[0].PartSku;
        var done = new { parts = new[] { new { partSku = part, quality = "Good", quantity = 1 } }, labourMinutes = 10 };
        if (ByCalls) await Step("disassembled", done);
        else await Post(Teams.Manufacturing, $"disassembly-orders/{ReturnId}/complete", done);
    }

    public Task Cancel() => Post(Teams.UserSupport, $"returns/{ReturnId}/cancel", new { reason = "The customer keeps the device." });

    public async Task CancelInVain() =>
        (await system.Post(Teams.UserSupport, $"returns/{ReturnId}/cancel", new { reason = "Too late." }, Guid.NewGuid().ToString())).Expect(409);

    public Task Waive() => ByCalls
        ? Step("item-waived", new { reason = "Not worth the postage." })
        : Post(Teams.Inventory, $"shipment-requests/{ReturnId}/waive", new { reason = "Not worth the postage." });

    /// <summary>The recalled replacement is back.</summary>
    public async Task GetReplacementBack()
    {
        await Inventory(request => request.State == ShipmentState.Recalled);
        if (ByCalls) await Step("recalled-unit-returned");
        else await Post(Teams.Inventory, $"shipment-requests/{ReturnId}/recalled-unit-returned");
    }

    /// <summary>New units come in; the account of the stock counts them among those it began with.</summary>
    public async Task Replenish(int quantity)
    {
        await Post(Teams.Inventory, $"stock/{device.Sku}/replenish", new { quantity });
        await using var session = await system.Data.Open(Teams.Inventory);
        await using var command = session.CreateCommand();
        command.CommandText = "update demo_stock set quantity = quantity + @quantity where sku = @sku";
        command.Parameters.AddWithValue("quantity", quantity);
        command.Parameters.AddWithValue("sku", device.Sku);
        (await command.ExecuteNonQueryAsync()).ShouldBe(1);
    }

    /// <summary>Its last day is over: the date is moved, not the clock, which all returns share.</summary>
    public async Task LetTimePass()
    {
        await SetDueDate(Teams.Inventory, "shipment_requests");
        if (ByCalls) await SetDueDate(Teams.UserSupport, "traditional_returns");
    }

    /// <summary>Waits until Inventory's document is as wanted.</summary>
    public Task Inventory(Func<ShipmentRequestView, bool> until) => Document(Teams.Inventory, "shipment-requests", until);

    /// <summary>Waits until Sales' document is as wanted.</summary>
    public Task Sales(Func<OrderRefundRequestView, bool> until) => Document(Teams.Sales, "order-refund-requests", until);

    /// <summary>Waits until Manufacturing's document is as wanted.</summary>
    public Task Manufacturing(Func<DisassemblyOrderView, bool> until) => Document(Teams.Manufacturing, "disassembly-orders", until);

    private async Task<Answer> Review(string decision)
    {
        await Sales(refund => refund.State == OrderRefundState.ManualReview);
        return await system.Post(Teams.Sales, $"order-refund-requests/{ReturnId}/{decision}", new { note = "Looked at it." }, Guid.NewGuid().ToString());
    }

    private Task Step(string step, object? report = null) => Post(Teams.UserSupport, $"returns/{ReturnId}/steps/{step}", report);

    private async Task Post(string team, string path, object? body = null, int status = 200) =>
        (await system.Post(team, path, body, Guid.NewGuid().ToString())).Expect(status);

    private Task<T> Document<T>(string team, string documents, Func<T, bool> until) => Eventually.Within(
        Expectations.Soon, async () => (await system.Get(team, $"{documents}/{ReturnId}")).As<T>(), until, $"{team} has {ReturnId} as wanted ({mode})");

    private async Task SetDueDate(string team, string table)
    {
        await using var session = await system.Data.Open(team);
        await using var command = session.CreateCommand();
        command.CommandText = $"update {table} set due_at = now() - interval '1 minute' where return_id = @id";
        command.Parameters.AddWithValue("id", ReturnId);
        (await command.ExecuteNonQueryAsync()).ShouldBe(1);
    }

    public override string ToString() => $"{ReturnId} ({mode})";
}
