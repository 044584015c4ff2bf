using System.Text.Json.Nodes;
using EseErp.Sales.Refunds;
using EseErp.Teams.Tests.AnyOrder;

namespace EseErp.Teams.Tests;

/// <summary>A device comes back in another return than the one that announced it.</summary>
[Collection(WholeSystemCollection.Name)]
public sealed class SwappedDeviceTests(WholeSystem system)
{
    private static readonly object Reason = new { reason = "Not worth the postage." };

    public static TheoryData<string, string> Ways => new()
    {
        { "event", "receive" }, { "event", "waive" }, { "event", "cancel" }, { "traditional", "receive" }, { "traditional", "waive" }, { "traditional", "cancel" },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Should_ship_no_replacement_for_a_device_that_came_back_in_another_return(string mode, string then)
    {
        var (first, second) = await Swapped(mode);

        var (status, problem) = then switch
        {
            // However it is written.
            "receive" => await Receive(second, second.SerialNumber.ToLowerInvariant().Replace('-', '\u2011')),
            "waive" => await Waive(second),
            _ => await system.Call("user-support", "POST", $"/returns/{second.ReturnId}/cancel", Reason),
        };
        await system.Quiet();

        if (then != "cancel")
        {
            status.ShouldBe(409);
            problem!["detail"]!.ToString().ShouldContain(first.ReturnId);
        }

        (await Documents.Of(system, second)).ShipmentState.ShouldNotBe("Shipped");
        (await system.Scalar("inventory", $"select count(*) from ese.event_log where stream_id = '{second.ReturnId}' and type like 'ese.inventory.replacement-shipped.%'")).ShouldBe(0);
        if (then != "cancel") (await system.Call("user-support", "POST", $"/returns/{second.ReturnId}/cancel", Reason)).Status.ShouldBe(200);
        await system.Quiet();
        (await Ends.Faults(system, [second])).ShouldBeEmpty(string.Join("\n", system.Calls));
    }

    [Theory]
    [InlineData("event")]
    [InlineData("traditional")]
    public async Task Should_ship_the_replacement_once_a_person_accepts_what_came_instead(string mode)
    {
        var (_, second) = await Swapped(mode);

        (await Receive(second, second.AnotherSerialNumber)).Status.ShouldBe(mode == "event" ? 201 : 200);
        await system.Quiet();
        (await Documents.Of(system, second)).ShipmentState.ShouldBe("Reserved");
        (await system.Call("sales", "POST", $"/order-refund-requests/{second.ReturnId}/approve")).Status.ShouldBe(200);
        if (mode == "traditional") await system.Call("user-support", "POST", $"/returns/{second.ReturnId}/resume");
        await system.Quiet();

        (await Documents.Of(system, second)).ShipmentState.ShouldBe("Shipped");
    }

    [Theory]
    [InlineData("late stock")]
    [InlineData("late approval")]
    public async Task Should_ship_nothing_in_advance_for_a_device_that_came_back_in_another_return_when_calls_drive_it(string last)
    {
        var isStockLate = last == "late stock";
        system.Forget();
        system.Pays(RefundPolicy.OnReceived);
        var first = await File("traditional", "Refund");
        var second = await File("traditional", "RefundAndReplace", "Advance", isStockLate ? 47.40m : 1_500m, isStockLate ? 0 : 1);
        (await Documents.Of(system, second)).ShipmentState.ShouldBe(isStockLate ? "Backordered" : "Reserved");
        await TakeInstead(first, second);

        if (isStockLate)
        {
            (await system.Call("inventory", "POST", $"/stock/{second.Sku}/replenish", new { quantity = 1 })).Status.ShouldBe(200);
        }
        else
        {
            (await system.Call("sales", "POST", $"/order-refund-requests/{second.ReturnId}/approve")).Status.ShouldBe(200);
            await system.Call("user-support", "POST", $"/returns/{second.ReturnId}/resume");
        }

        await system.Quiet();
        (await Documents.Of(system, second)).ShipmentState.ShouldBe("Reserved", string.Join("\n", system.Calls));
        (await system.Call("user-support", "POST", $"/returns/{second.ReturnId}/cancel", Reason)).Status.ShouldBe(200);
        await system.Quiet();
        (await Ends.Faults(system, [second])).ShouldBeEmpty(string.Join("\n", system.Calls));
    }

    [Fact]
    public async Task Should_say_in_which_return_the_device_came_back()
    {
        var (first, second) = await Swapped("event");

        var timeline = await system.Of("tracking").Get($"/returns/{second.ReturnId}/timeline");

        timeline!.ToJsonString().ShouldContain($"The announced device came back in {first.ReturnId}");
    }

    // The first return has the device that the second one announced, and Sales has accepted that.
    private async Task<(Subject First, Subject Second)> Swapped(string mode)
    {
        system.Forget();
        system.Pays(RefundPolicy.OnReceived);
        var (first, second) = (await File(mode, "Refund"), await File(mode, "Replace"));
        await TakeInstead(first, second);
        return (first, second);
    }

    private async Task TakeInstead(Subject first, Subject second)
    {
        (await Receive(first, second.SerialNumber)).Status.ShouldBe(first.Mode == "event" ? 201 : 200);
        await system.Quiet();
        (await system.Call("sales", "POST", $"/order-refund-requests/{first.ReturnId}/approve")).Status.ShouldBe(200);
        if (first.Mode == "traditional") await system.Call("user-support", "POST", $"/returns/{first.ReturnId}/resume");
        await system.Quiet();
    }

    private async Task<Subject> File(string mode, string resolution, string timing = "OnReceipt", decimal price = 47.40m, int units = 1)
    {
        var number = system.NextNumber();
        var device = new Subject("", $"SO-{number}", $"RADIO-{number}", $"HP210-{number}", price, resolution, timing, mode);
        await system.Stock(device.Sku, units);
        await system.Sell(device);
        var (_, answer) = await system.Call("user-support", "POST", "/returns", new
        {
            orderId = device.OrderId, lineId = "1", sku = device.Sku, serialNumber = device.SerialNumber, reason = "Defective", resolution, replacementTiming = timing, mode,
        });
        await system.Quiet();
        return device with { ReturnId = (string)answer!["returnId"]! };
    }

    private Task<(int Status, JsonNode? Body)> Receive(Subject subject, string serialNumber) => subject.Mode == "event"
        ? system.Call("inventory", "POST", "/receipts", new { returnId = subject.ReturnId, serialNumber, condition = "complete" })
        : system.Call("user-support", "POST", $"/returns/{subject.ReturnId}/steps/item-received", new { serialNumber, condition = "complete" });

    private Task<(int Status, JsonNode? Body)> Waive(Subject subject) => subject.Mode == "event"
        ? system.Call("inventory", "POST", $"/shipment-requests/{subject.ReturnId}/waive", Reason)
        : system.Call("user-support", "POST", $"/returns/{subject.ReturnId}/steps/item-waived", Reason);
}
