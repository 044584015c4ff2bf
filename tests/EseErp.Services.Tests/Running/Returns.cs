using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace EseErp.Services.Tests.Running;

/// <summary>Files returns of devices that can be returned, each once.</summary>
public sealed class Returns(RunningSystem system)
{
    private readonly ConcurrentQueue<JsonNode> _devices = [];

    /// <summary>Takes returns to every state, so that every list and filter has something to show.</summary>
    public async Task FileSome()
    {
        // The last ones, which nobody else begins with.
        foreach (var device in (await system.Get("sales", "/demo-data/returnable?take=1000"))["items"]!.AsArray().Reverse())
            _devices.Enqueue(device!.DeepClone());
        for (var number = 0; number < 12; number++) await File("event");
        for (var number = 0; number < 3; number++) await File("traditional");
        await Post("user-support", "/returns", new { orderId = "SO-1", lineId = "1", sku = "X", serialNumber = "X", reason = "Defective", mode = "traditional" });
        await system.Ledger.Quiet();

        var filed = (await system.Get("user-support", "/returns?mode=event"))["items"]!.AsArray().ToList();
        foreach (var asked in filed.Take(6))
            await Post("inventory", "/receipts", new { returnId = (string)asked!["returnId"]!, serialNumber = (string)asked["serialNumber"]!, condition = "complete" });
        await system.Ledger.Quiet();
        foreach (var asked in filed.Take(4))
            await Post("manufacturing", $"/disassembly-orders/{asked!["returnId"]}/diagnosis", new { faultCode = "BATTERY_SWOLLEN", disposition = "Scrap" });
        foreach (var asked in filed.Take(2))
            await Post("manufacturing", $"/disassembly-orders/{asked!["returnId"]}/complete", new { parts = Array.Empty<object>(), labourMinutes = 20 });
    }

    /// <summary>Files one more.</summary>
    public Task<JsonNode> File(string mode, string reason = "Defective")
    {
        if (!_devices.TryDequeue(out var device)) throw new InvalidOperationException("All devices have been returned.");
        device["reason"] = reason;
        device["mode"] = mode;
        return Post("user-support", "/returns", device);
    }

    private async Task<JsonNode> Post(string team, string address, object body)
    {
        using var answer = await system.Client(team).PostAsJsonAsync(address, body);
        var text = await answer.Content.ReadAsStringAsync();
        // A rejection is a state worth having too.
        if (!answer.IsSuccessStatusCode && (int)answer.StatusCode != 409) throw new InvalidOperationException($"POST {address}: {(int)answer.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }
}
