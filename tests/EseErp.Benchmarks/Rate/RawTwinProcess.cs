using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EseErp.Benchmarks;

/// <summary>
/// The raw twin of a return handled by itself: one process that hosts all teams, by a minimal endpoint and plain Npgsql. It
/// makes the business transactions which event mode needs for one return at least, each durable and in one round trip.
/// </summary>
/// <remarks>
/// 38 commits a return: 27 of the teams and 11 of the broker. Facts that were recorded together are published and applied
/// together.
/// <list type="bullet">
/// <item>The request: User Support records it (1), the broker gets it (1).</item>
/// <item>The answers: Sales, Inventory, Manufacturing, Accounting and Tracking apply it (5); four publications (4); Tracking
/// applies each, Inventory that the refund is authorized (5). The return is settled.</item>
/// <item>The item: Inventory receives it and ships the other device (1), publishes (1); Sales, Manufacturing, Accounting and Tracking
/// apply it (4); Sales publishes the refund (1), Accounting and Tracking apply it (2).</item>
/// <item>The diagnosis: Manufacturing records (1) and publishes (1) it; Sales, Inventory, Accounting and Tracking apply it (4).</item>
/// <item>The disassembly: Manufacturing records (1) and publishes (1) it; Accounting and Tracking apply it (2); Accounting publishes
/// its posting (1), Tracking applies it (1). At last the groups' offsets (1); before, they go along with publications.</item>
/// </list>
/// Spared are: reading events from the broker and the log, as they are handed on in memory; polling for what is due; a place
/// of the relay; notifications; rules, as rows are those of a return that the system handled, under other ids and times; and the
/// hop between processes. What the rules need is still read: the order, earlier returns of the device, bill and cost.
/// </remarks>
internal sealed class RawTwinProcess(TwinPlan plan, TwinWrites writes)
{
    /// <summary>The argument that starts it.</summary>
    public const string Command = "raw-twin";

    private const string UserSupport = "user-support", Sales = "sales", Inventory = "inventory", Manufacturing = "manufacturing", Accounting = "accounting";

    private static readonly IReadOnlyDictionary<string, long> Nothing = new Dictionary<string, long>();

    private int _number, _failures;

    public sealed record Request(string OrderId, string LineId, string Sku, string SerialNumber, string Reason, string? ShipmentId, string Location, string CostCenter, string? Mode);

    /// <summary>Reads its plan from standard input, says its address, and ends when standard input does.</summary>
    public static async Task<int> Run()
    {
        // Whoever started it is interrupted too and ends it.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        if (await Console.In.ReadLineAsync() is not { } line) return 1;
        var plan = JsonSerializer.Deserialize<TwinPlan>(line)!;
        await using var writes = new TwinWrites(plan);
        var twin = new RawTwinProcess(plan, writes);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        using var calls = new RawCallsTwin(plan, writes);
        if (plan.Calls.Count == 0) app.MapPost("/returns", twin.File);
        else app.MapPost("/returns", calls.File);
        app.MapPost("/{team}/{step}", calls.Answer);
        await app.StartAsync();
        calls.Address = new Uri(app.Urls.Single());
        Console.WriteLine(app.Urls.Single());
        await Console.In.ReadToEndAsync();
        await app.StopAsync();
        return 0;
    }

    private async Task<IResult> File(Request request)
    {
        // Half a life would be cheaper than a whole one: who measures has to hear of it.
        if (_failures > 0) return Results.StatusCode(StatusCodes.Status500InternalServerError);
        var number = Interlocked.Increment(ref _number);
        var r = new TwinReturn(number,
        [
            $"RMA-{number:D12}", request.SerialNumber, request.Sku, request.OrderId, Guid.CreateVersion7().ToString("n"),
            .. plan.Events.Select(_ => Guid.CreateVersion7().ToString()),
        ]);
        await writes.Commit("ese_user_support", writes.Insert(r, "ese_user_support", "returns"), writes.Event(r, UserSupport, 1));
        _ = Live(r);
        return Results.Accepted($"/returns/{r.ReturnId}", new { r.ReturnId, mode = "event", status = "Requested" });
    }

    private async Task Live(TwinReturn r)
    {
        try
        {
            await Answer(r);
            await Task.Delay(plan.Pace);
            await Receive(r);
            await Task.Delay(plan.Pace);
            await Diagnose(r);
            await Task.Delay(plan.Pace);
            await TakeApart(r);
        }
        catch (Exception failure)
        {
            if (Interlocked.Increment(ref _failures) == 1) await Console.Error.WriteLineAsync($"Return {r.ReturnId} of the twin failed: {failure.Message}");
        }
    }

    private async Task Answer(TwinReturn r)
    {
        await Publish(r, (UserSupport, [1]));
        await Task.WhenAll(
            writes.Track(r, UserSupport, [1], null),
            writes.Commit(
                "ese_sales", writes.Inbox(r, Sales, UserSupport, 1),
                TwinWrites.Statement("select * from orders where order_id = $1", TwinWrites.Text(r.Values[3])),
                TwinWrites.Statement("select return_id, state from twin.order_refund_requests where serial_number = $1", TwinWrites.Text(r.Values[1])),
                writes.Insert(r, "ese_sales", "order_refund_requests", 0, ("state", "Authorized"), ("issued_at", null), ("received_serial_number", null), ("is_inspected", "false")),
                writes.Event(r, Sales, 1)),
            writes.Commit(
                "ese_inventory", writes.Inbox(r, Inventory, UserSupport, 1),
                TwinWrites.Statement("update twin.stock_items set reserved = reserved + 1 where sku = $1", TwinWrites.Text(r.Values[2])),
                writes.Insert(
                    r, "ese_inventory", "shipment_requests", 0, ("state", "Reserved"), ("receipt_state", "Expected"), ("refund_authorized_at", null), ("shipped_at", null),
                    ("received_at", null), ("received_serial_number", null), ("condition", null)),
                writes.Event(r, Inventory, 1), writes.Event(r, Inventory, 2)),
            writes.Commit(
                "ese_manufacturing", writes.Inbox(r, Manufacturing, UserSupport, 1),
                writes.Insert(
                    r, "ese_manufacturing", "disassembly_orders", 0, ("state", "Opened"), ("received_serial_number", null), ("fault_code", null), ("disposition", null),
                    ("recovered_value", "0"), ("labour_cost", "0")),
                writes.Event(r, Manufacturing, 1)),
            writes.Commit(
                "ese_accounting", writes.Inbox(r, Accounting, UserSupport, 1),
                TwinWrites.Statement("select * from unit_costs where sku = $1", TwinWrites.Text(r.Values[2])),
                writes.Insert(r, "ese_accounting", "asset_disposals", 0, ("state", "Opened"), ("disposal_loss", null), ("booked", "{}")),
                writes.Event(r, Accounting, 1)));
        await Publish(r, (Sales, [1]), (Inventory, [1, 2]), (Manufacturing, [1]), (Accounting, [1]));
        await Task.WhenAll(
            writes.Track(r, Sales, [1], "refund", "customer_id", "status"),
            writes.Track(r, Inventory, [1, 2], "item", "replacement", "status"),
            writes.Track(r, Manufacturing, [1], "disassembly", "status"),
            writes.Track(r, Accounting, [1], "disposal", "status"),
            writes.Commit("ese_inventory", writes.Inbox(r, Inventory, Sales, 1), writes.Update(r, "ese_inventory", "shipment_requests", "refund_authorized_at")));
    }

    private async Task Receive(TwinReturn r)
    {
        await writes.Commit(
            "ese_inventory",
            TwinWrites.Statement("update twin.stock_items set reserved = reserved - 1, on_hand = on_hand - 1 where sku = $1", TwinWrites.Text(r.Values[2])),
            writes.Update(r, "ese_inventory", "shipment_requests", "state", "receipt_state", "shipped_at", "received_at", "received_serial_number", "condition"),
            writes.Event(r, Inventory, 3), writes.Event(r, Inventory, 4));
        await Publish(r, (Inventory, [3, 4]));
        await Task.WhenAll(
            writes.Track(r, Inventory, [3, 4], "item", "replacement", "status"),
            writes.Commit(
                "ese_sales", writes.Inbox(r, Sales, Inventory, 3),
                writes.Update(r, "ese_sales", "order_refund_requests", "state", "issued_at", "received_serial_number"), writes.Event(r, Sales, 2)),
            writes.Commit(
                "ese_manufacturing", writes.Inbox(r, Manufacturing, Inventory, 3),
                writes.Update(r, "ese_manufacturing", "disassembly_orders", "state_since", "received_serial_number")),
            writes.Commit(
                "ese_accounting",
                [
                    writes.Inbox(r, Accounting, Inventory, 3), writes.Inbox(r, Accounting, Inventory, 4), .. writes.Entry(r, 0), .. writes.Entry(r, 1),
                    writes.Update(r, "ese_accounting", "asset_disposals", "booked"),
                ]));
        await Publish(r, (Sales, [2]));
        await Task.WhenAll(
            writes.Track(r, Sales, [2], "refund", "status", "completed_at"),
            writes.Commit(
                "ese_accounting", [writes.Inbox(r, Accounting, Sales, 2), .. writes.Entry(r, 2), writes.Update(r, "ese_accounting", "asset_disposals", "booked")]));
    }

    private async Task Diagnose(TwinReturn r)
    {
        await writes.Commit(
            "ese_manufacturing",
            TwinWrites.Statement("select * from bills_of_materials where sku = $1", TwinWrites.Text(r.Values[2])),
            writes.Update(r, "ese_manufacturing", "disassembly_orders", "state_since", "fault_code", "disposition"), writes.Event(r, Manufacturing, 2));
        await Publish(r, (Manufacturing, [2]));
        await Task.WhenAll(
            writes.Track(r, Manufacturing, [2], "disassembly", "status"),
            writes.Commit("ese_sales", writes.Inbox(r, Sales, Manufacturing, 2), writes.Update(r, "ese_sales", "order_refund_requests", "is_inspected")),
            writes.Commit("ese_inventory", writes.Inbox(r, Inventory, Manufacturing, 2)),
            writes.Commit("ese_accounting", writes.Inbox(r, Accounting, Manufacturing, 2)));
    }

    private async Task TakeApart(TwinReturn r)
    {
        await writes.Commit(
            "ese_manufacturing",
            TwinWrites.Statement("select * from bills_of_materials where sku = $1", TwinWrites.Text(r.Values[2])),
            writes.Update(r, "ese_manufacturing", "disassembly_orders", "state", "state_since", "recovered_value", "labour_cost", "parts"), writes.Event(r, Manufacturing, 3));
        await Publish(r, (Manufacturing, [3]));
        await Task.WhenAll(
            writes.Track(r, Manufacturing, [3], "disassembly", "status"),
            writes.Commit(
                "ese_accounting",
                [
                    writes.Inbox(r, Accounting, Manufacturing, 3), .. writes.Entry(r, 3),
                    writes.Update(r, "ese_accounting", "asset_disposals", "state", "disposal_loss", "booked"), writes.Event(r, Accounting, 2),
                ]));
        await Publish(r, (Accounting, [2]));
        await writes.Track(r, Accounting, [2], "disposal", "status", "closed_at");
        await writes.Finish(r);
    }

    // By now everything that was published of this return before is applied: the first publication says so for all groups.
    private async Task Publish(TwinReturn r, params (string Team, int[] Versions)[] publications)
    {
        var applied = r.Published.ToDictionary();
        r.Published.Clear();
        await Task.WhenAll(publications.Select((publication, place) => writes.Publish(r, publication.Team, publication.Versions, place == 0 ? applied : Nothing)));
    }
}
