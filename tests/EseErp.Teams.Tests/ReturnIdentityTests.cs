using System.Text.Json.Nodes;
using EseErp.Contracts;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.Sales;
using EseErp.EventStore;
using EseErp.Teams.Tests.Running;

namespace EseErp.Teams.Tests;

/// <summary>A return is whose it is, and what was noted of it is true: nothing else is taken for it in silence.</summary>
public sealed class ReturnIdentityTests(FourTeams teams) : IClassFixture<FourTeams>
{
    private const string Sku = FourTeams.Sku;

    public static TheoryData<string, string, string, string> Contents => new()
    {
        { "sales", "/order-refund-requests", "orderId", "SO-2" },
        { "sales", "/order-refund-requests", "lineId", "2" },
        { "sales", "/order-refund-requests", "sku", "SB-1" },
        { "sales", "/order-refund-requests", "serialNumber", "SO-1-2" },
        { "sales", "/order-refund-requests", "reason", "WrongItem" },
        { "sales", "/order-refund-requests", "shipmentId", "SH-2" },
        { "sales", "/order-refund-requests", "resolution", "Refund" },
        { "inventory", "/shipment-requests", "sku", "SB-1" },
        { "inventory", "/shipment-requests", "serialNumber", "SO-1-2" },
        { "inventory", "/shipment-requests", "resolution", "Refund" },
        { "inventory", "/shipment-requests", "replacementTiming", "Advance" },
        { "inventory", "/shipment-requests", "refundUnderReview", "true" },
        { "inventory", "/shipment-requests", "location", "WH-2" },
        { "manufacturing", "/disassembly-orders", "sku", "SB-1" },
        { "manufacturing", "/disassembly-orders", "serialNumber", "SO-1-2" },
        { "accounting", "/asset-disposals", "sku", "SB-1" },
        { "accounting", "/asset-disposals", "serialNumber", "SO-1-2" },
        { "accounting", "/asset-disposals", "costCenter", "CC-OTHER" },
    };

    [Theory]
    [MemberData(nameof(Contents))]
    public async Task Should_not_take_a_document_for_another_that_is_asked_for(string team, string address, string field, string other)
    {
        var asked = Opening(team, await teams.NewReturn());
        (await teams.Of(team).Post(address, asked)).Status.ShouldBe(201);
        (await teams.Of(team).Post(address, asked)).Status.ShouldBe(201, "the same again is left as it is");

        var known = asked[field]?.DeepClone();
        asked[field] = other == "true" ? true : other;
        var (status, problem) = await teams.Of(team).Post(address, asked);

        status.ShouldBe(409);
        problem!["differences"]!.AsObject().Select(difference => difference.Key).ShouldBe([field]);
        problem["differences"]![field]!["told"]!.ToString().ShouldBe(other);
        if (known is not null) problem["differences"]![field]!["known"]!.ToString().ShouldBe(known.ToString());
    }

    [Theory]
    [InlineData("sales", "/order-refund-requests")]
    [InlineData("inventory", "/shipment-requests")]
    [InlineData("manufacturing", "/disassembly-orders")]
    [InlineData("accounting", "/asset-disposals")]
    public async Task Should_tell_the_owner_of_a_number_when_it_was_used_before_by_a_call(string team, string address)
    {
        var id = await teams.NewReturn();
        var forged = Opening(team, id);
        forged[team == "sales" ? "orderId" : "serialNumber"] = "SO-OTHER";
        await teams.Of(team).Post(address, forged);

        // Now the customer files, in either mode.
        (await teams.Of(team).Post(address, Opening(team, id))).Status.ShouldBe(409);
        await ShouldConflict(() => OpenByEvent(team, id));
        // What the others report has no effect on the other order.
        await ShouldConflict(() => Note(team, id, team == "inventory" ? new ItemMismatchAccepted(id, null) : new ItemWaived(id, "Not worth the postage.")));
        (await teams.Of(team).Recorded(id)).Intersect(["refund-issued", "replacement-shipped", "disassembly-order-cancelled", "asset-disposal-reversed"]).ShouldBeEmpty();
    }

    public static TheoryData<string, string, string?> Drives => new()
    {
        { "sales", "/order-refund-requests/{0}/item-received", null },
        { "sales", "/order-refund-requests/{0}/item-waived", null },
        { "sales", "/order-refund-requests/{0}/replacement-shipped", """{"serialNumber":"X","sku":"X"}""" },
        { "sales", "/order-refund-requests/{0}/item-diagnosed", null },
        { "sales", "/order-refund-requests/{0}/void", """{"reason":"x"}""" },
        { "inventory", "/shipment-requests/{0}/refund-authorized", null },
        { "inventory", "/shipment-requests/{0}/cancel", """{"reason":"x"}""" },
        { "inventory", "/shipment-requests/{0}/refund-rejected", """{"reason":"x"}""" },
        { "inventory", "/shipment-requests/{0}/expire", null },
        { "inventory", "/shipment-requests/{0}/mismatch-accepted", null },
        { "inventory", "/shipment-requests/{0}/item-diagnosed", """{"disposition":"ReturnToStock"}""" },
        { "manufacturing", "/disassembly-orders/{0}/item-received", """{"serialNumber":"X"}""" },
        { "manufacturing", "/disassembly-orders/{0}/mismatch-accepted", null },
        { "manufacturing", "/disassembly-orders/{0}/cancel", """{"reason":"x"}""" },
        { "accounting", "/asset-disposals/{0}/refund-issued", """{"amount":0.01,"currency":"EUR"}""" },
        { "accounting", "/asset-disposals/{0}/item-received", null },
        { "accounting", "/asset-disposals/{0}/replacement-shipped", null },
        { "accounting", "/asset-disposals/{0}/mismatch-accepted", """{"serialNumber":"X","sku":"X"}""" },
        { "accounting", "/asset-disposals/{0}/item-diagnosed", """{"disposition":"ReturnToStock"}""" },
        { "accounting", "/asset-disposals/{0}/disassembly-completed", """{"recoveredValue":1,"labourCost":1,"currency":"EUR"}""" },
        { "accounting", "/asset-disposals/{0}/refund-rejected", """{"reason":"x"}""" },
        { "accounting", "/asset-disposals/{0}/refund-recovered", null },
        { "accounting", "/asset-disposals/{0}/recalled-unit-returned", null },
    };

    [Theory]
    [MemberData(nameof(Drives))]
    public async Task Should_let_nobody_drive_a_return_by_calls_that_is_coordinated_by_events(string team, string address, string? body)
    {
        var id = await teams.NewReturn();
        await OpenByEvent(team, id);
        var recorded = await teams.Of(team).Recorded(id);

        var (status, problem) = await teams.Of(team).Post(string.Format(null, address, id), body is null ? null : JsonNode.Parse(body));

        status.ShouldBe(409);
        problem!["detail"]!.ToString().ShouldContain("coordinated by events");
        (await teams.Of(team).Recorded(id)).ShouldBe(recorded);
    }

    [Theory]
    [InlineData("sales", "/order-refund-requests")]
    [InlineData("inventory", "/shipment-requests")]
    [InlineData("manufacturing", "/disassembly-orders")]
    [InlineData("accounting", "/asset-disposals")]
    public async Task Should_not_open_by_a_call_what_the_others_have_reported_by_events(string team, string address)
    {
        var id = await teams.NewReturn();
        await Note(team, id, team == "inventory" ? new OrderRefundAuthorized(id, "C-1", 47.40m, "EUR") : new ItemReceived(id, FourTeams.SerialOf(id), "complete"));

        (await teams.Of(team).Post(address, Opening(team, id))).Status.ShouldBe(409);

        await OpenByEvent(team, id);
        (await teams.Of(team).Recorded(id)).ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("sales", "/order-refund-requests")]
    [InlineData("inventory", "/shipment-requests")]
    [InlineData("inventory", "/receipts")]
    [InlineData("manufacturing", "/disassembly-orders")]
    [InlineData("accounting", "/asset-disposals")]
    public async Task Should_open_nothing_under_what_is_no_id_of_a_return(string team, string address)
    {
        foreach (var id in new[] { "../x", "RMA-2026-000001\n", "RMA-2026-1", $"RMA-{DateTimeOffset.UtcNow.Year + 2}-000001", "rma-2026-000001", "RMA-2026-000000" })
        {
            var asked = address == "/receipts" ? Json(new RecordReceipt(id, "SO-1-1", "complete")) : Opening(team, id);
            var (status, problem) = await teams.Of(team).Post(address, asked);
            status.ShouldBe(400, id);
            problem!["errors"]!["returnId"].ShouldNotBeNull();
            if (address != "/receipts") await ShouldConflict(() => OpenByEvent(team, id));
        }
    }

    [Fact]
    public async Task Should_report_another_amount_than_was_booked()
    {
        var (accounting, id) = (teams.Of("accounting"), await teams.NewReturn());
        await OpenByEvent("accounting", id);
        await Note("accounting", id, new RefundIssued(id, 47.40m, "EUR"));
        await Note("accounting", id, new DisassemblyCompleted(id, 12.40m, 14.50m, "EUR"));
        // The same again is no news.
        await Note("accounting", id, new RefundIssued(id, 47.40m, "EUR"));
        await Note("accounting", id, new DisassemblyCompleted(id, 12.40m, 14.50m, "EUR"));

        await ShouldConflict(() => Note("accounting", id, new RefundIssued(id, 0.01m, "EUR")), "amount is 47.4 EUR, not 0.01 EUR");
        await ShouldConflict(() => Note("accounting", id, new RefundIssued(id, 47.40m, "CHF")), "amount");
        await ShouldConflict(() => Note("accounting", id, new RefundRecovered(id, 47.39m, "EUR")), "amount");
        await ShouldConflict(() => Note("accounting", id, new DisassemblyCompleted(id, 12.41m, 14.50m, "EUR")), "recoveredValue");
        await ShouldConflict(() => Note("accounting", id, new DisassemblyCompleted(id, 12.40m, 0, "EUR")), "labourCost");
        await ShouldConflict(() => Note("accounting", id, new ReplacementShipped(id, "SB-1")), "sku");
        await ShouldConflict(() => Note("accounting", id, new RecalledUnitReturned(id, "SB-1")), "sku");
        await Note("accounting", id, new RefundRecovered(id, 47.40m, "EUR"));

        var called = await teams.NewReturn();
        await accounting.Post("/asset-disposals", Opening("accounting", called));
        (await accounting.Post($"/asset-disposals/{called}/refund-issued", new { amount = 0, currency = "EUR" })).Status.ShouldBe(200);
        (await accounting.Post($"/asset-disposals/{called}/refund-issued", new { amount = 0, currency = "EUR" })).Status.ShouldBe(200);
        var (status, problem) = await accounting.Post($"/asset-disposals/{called}/refund-issued", new { amount = 5, currency = "EUR" });
        status.ShouldBe(409);
        problem!["differences"]!["amount"]!["told"]!.ToString().ShouldBe("5 EUR");
        await accounting.Post($"/asset-disposals/{called}/item-diagnosed", new { disposition = "ReturnToStock" });
        (await accounting.Post($"/asset-disposals/{called}/item-diagnosed", new { disposition = "Scrap" })).Status.ShouldBe(409);
    }

    [Theory]
    [InlineData("sales", "/order-refund-requests")]
    [InlineData("inventory", "/shipment-requests")]
    [InlineData("manufacturing", "/disassembly-orders")]
    [InlineData("accounting", "/asset-disposals")]
    public async Task Should_take_another_spelling_of_a_serial_number_for_no_contradiction(string team, string address)
    {
        var (called, events) = (await teams.NewReturn(), await teams.NewReturn());
        var asked = Opening(team, called);
        (await teams.Of(team).Post(address, asked)).Status.ShouldBe(201);

        asked["serialNumber"] = OtherSpelling(asked["serialNumber"]!.ToString());

        (await teams.Of(team).Post(address, asked)).Status.ShouldBe(201);
        if (team is not ("sales" or "manufacturing")) return;
        // The same device, by a scanner and by hand.
        await OpenByEvent(team, events);
        await Note(team, events, new ItemReceived(events, FourTeams.SerialOf(events), "complete"));
        await Note(team, events, new ItemReceived(events, OtherSpelling(FourTeams.SerialOf(events)), "complete"));
        (await teams.Of(team).Post($"{address}/{called}/item-received", new { serialNumber = FourTeams.SerialOf(called) })).Status.ShouldBe(200);
        (await teams.Of(team).Post($"{address}/{called}/item-received", new { serialNumber = OtherSpelling(FourTeams.SerialOf(called)) })).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("sales", "/order-refund-requests")]
    [InlineData("manufacturing", "/disassembly-orders")]
    public async Task Should_report_another_serial_number_than_was_read(string team, string address)
    {
        var (events, called) = (await teams.NewReturn(), await teams.NewReturn());
        await OpenByEvent(team, events);
        await Note(team, events, new ItemReceived(events, "OTHER-1", "complete"));
        await Note(team, events, new ItemReceived(events, "OTHER-1", "complete"));
        await ShouldConflict(() => Note(team, events, new ItemReceived(events, "OTHER-2", "complete")), "serialNumber is OTHER-1, not OTHER-2");
        if (team == "sales")
        {
            await ShouldConflict(() => Note(team, events, new ItemMismatch(events, FourTeams.SerialOf(events), "OTHER-2")), "serialNumber");
            await ShouldConflict(() => Note(team, events, new ItemMismatch(events, "SO-1-5", "OTHER-1")), "expectedSerialNumber");
        }

        await teams.Of(team).Post(address, Opening(team, called));
        (await teams.Of(team).Post($"{address}/{called}/item-received", new { serialNumber = "OTHER-1" })).Status.ShouldBe(200);
        (await teams.Of(team).Post($"{address}/{called}/item-received", new { serialNumber = "OTHER-1" })).Status.ShouldBe(200);
        (await teams.Of(team).Post($"{address}/{called}/item-received", new { serialNumber = "OTHER-2" })).Status.ShouldBe(409);
    }

    [Theory]
    [InlineData("inventory", "/shipment-requests")]
    [InlineData("manufacturing", "/disassembly-orders")]
    [InlineData("accounting", "/asset-disposals")]
    public async Task Should_report_another_accepted_device_than_before(string team, string address)
    {
        var (events, called) = (await teams.NewReturn(), await teams.NewReturn());
        await OpenByEvent(team, events);
        var accepted = new ItemMismatchAccepted(events, "So be it.", "CAME-1", "SB-1", 47.40m, "EUR");
        await Note(team, events, accepted);
        await Note(team, events, accepted with { SerialNumber = OtherSpelling("CAME-1") });
        await ShouldConflict(() => Note(team, events, accepted with { SerialNumber = "CAME-2" }), "serialNumber is CAME-1, not CAME-2");
        await ShouldConflict(() => Note(team, events, accepted with { Sku = "SB-2" }), "sku is SB-1, not SB-2");

        await teams.Of(team).Post(address, Opening(team, called));
        foreach (var (serialNumber, sku, status) in new[] { ("CAME-1", "SB-1", 200), (OtherSpelling("CAME-1"), "SB-1", 200), ("CAME-2", "SB-1", 409), ("CAME-1", "SB-2", 409), ("CAME-1", FourTeams.Sku, 409) })
            (await teams.Of(team).Post($"{address}/{called}/mismatch-accepted", new { serialNumber, sku })).Status.ShouldBe(status, $"{serialNumber} {sku}");
    }

    [Theory]
    [InlineData("inventory", "/shipment-requests")]
    [InlineData("manufacturing", "/disassembly-orders")]
    public async Task Should_report_another_accepted_device_than_came(string team, string address)
    {
        var id = await teams.NewReturn();
        await teams.Of(team).Post(address, Opening(team, id));
        if (team == "inventory") (await teams.Of(team).Post("/receipts", new RecordReceipt(id, "READ-1", "complete"))).Status.ShouldBe(201);
        else (await teams.Of(team).Post($"{address}/{id}/item-received", new { serialNumber = "READ-1" })).Status.ShouldBe(200);

        var (status, problem) = await teams.Of(team).Post($"{address}/{id}/mismatch-accepted", new { serialNumber = "READ-2", sku = Sku });

        status.ShouldBe(409);
        problem!["differences"]!["serialNumber"]!["known"]!.ToString().ShouldBe("READ-1");
        (await teams.Of(team).Post($"{address}/{id}/mismatch-accepted", new { serialNumber = "read-1", sku = Sku })).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Should_take_a_time_of_any_place_on_earth()
    {
        var id = await teams.NewReturn();
        var asked = Opening("sales", id);
        asked["filedAt"] = "2026-11-20T10:00:00+02:00";

        var (status, document) = await teams.Of("sales").Post("/order-refund-requests", asked);

        status.ShouldBe(201);
        ((DateTimeOffset)document!["requestedAt"]!).ShouldBe(new DateTimeOffset(2026, 11, 20, 8, 0, 0, TimeSpan.Zero));
    }

    private static async Task ShouldConflict(Func<Task> act, string saying = "") =>
        (await Should.ThrowAsync<ConflictException>(act)).Message.ShouldContain(saying);

    private static string OtherSpelling(string serialNumber) => serialNumber.ToLowerInvariant().Replace('-', '\u2011');

    private static JsonNode Opening(string team, string id) => FourTeams.Opening(team, id);

    private static JsonNode Json<T>(T body) => FourTeams.Json(body);

    private Task OpenByEvent(string team, string id) => teams.OpenByEvent(team, id);

    private Task Note(string team, string id, object fact) => teams.Note(team, id, fact);
}
