namespace EseErp.Teams.Tests.AnyOrder;

/// <summary>A call that anybody can make and that changes something.</summary>
/// <param name="Route">As it is mapped; <c>{returnId}</c>, <c>{sku}</c> and <c>{id}</c> are the subject's.</param>
/// <param name="Bodies">What is sent: one of these.</param>
/// <param name="Weight">How often it is made, beside the others.</param>
public sealed record PublicCall(string Team, string Method, string Route, int Weight, params Func<Subject, object?>[] Bodies)
{
    public string Name => $"{Team} {Method} {Route}";

    /// <summary>Whether it opens a team's document.</summary>
    public bool IsOpening => Route is "/order-refund-requests" or "/shipment-requests" or "/disassembly-orders" or "/asset-disposals";

    public string AddressFor(Subject subject) => Route.Replace("{returnId}", subject.ReturnId).Replace("{sku}", subject.Sku)
        .Replace("{id}", Team switch { "sales" => "C-1", "inventory" => "WH-MAIN", _ => subject.Sku });

    public object? BodyFor(Subject subject, int variant) => Bodies.Length == 0 ? null : Bodies[variant % Bodies.Length](subject);
}

/// <summary>
/// All calls of all services that change something. What is not here is in <see cref="Unconcerned"/> with the reason; an endpoint
/// that is in neither fails a test.
/// </summary>
public static class PublicCalls
{
    /// <summary>What is filed here becomes a subject of the calls after it.</summary>
    public const string File = "user-support POST /returns", FileBatch = "user-support POST /returns/batch";

    /// <summary>Changes what no return depends on, or is operated by those who run the system.</summary>
    public static IReadOnlyDictionary<string, string> Unconcerned { get; } = new Dictionary<string, string>
    {
        ["sales POST /valuations"] = "a valuation is no part of a return",
        ["sales PUT /valuations/{valuationId}"] = "a valuation is no part of a return",
        ["* /dead-letters"] = "operation: EseErp.Messaging.Tests, Delivery",
        ["* /consumers"] = "operation: reads again what was applied; EseErp.System.Tests, ReplayTests",
        ["* /projection"] = "operation: EseErp.System.Tests, TrackingTests",
    };

    public static IReadOnlyList<PublicCall> All { get; } = [.. UserSupport(), .. Sales(), .. Inventory(), .. Manufacturing(), .. Accounting()];

    private static IEnumerable<PublicCall> UserSupport()
    {
        const string team = "user-support";
        yield return new(team, "POST", "/returns", 30);
        yield return new(team, "POST", "/returns/batch", 4);
        yield return new(team, "PUT", "/mode", 1, _ => new { mode = "event" }, _ => new { mode = "traditional" });
        yield return new(team, "POST", "/returns/{returnId}/cancel", 8, Reason);
        yield return new(team, "POST", "/returns/{returnId}/resume", 4);
        yield return new(team, "POST", "/returns/{returnId}/steps/item-received", 16,
            item => new { serialNumber = item.SerialNumber, condition = "complete" },
            item => new { serialNumber = item.SerialNumber, condition = "complete" },
            item => new { serialNumber = item.AnotherSerialNumber, condition = "complete" },
            item => new { serialNumber = item.SwappedSerialNumber ?? item.SerialNumber, condition = "complete" });
        yield return new(team, "POST", "/returns/{returnId}/steps/item-waived", 4, Reason);
        yield return new(team, "POST", "/returns/{returnId}/steps/diagnosed", 14, Diagnoses);
        yield return new(team, "POST", "/returns/{returnId}/steps/disassembled", 8, Completions);
        yield return new(team, "POST", "/returns/{returnId}/steps/recalled-unit-returned", 6);
    }

    private static IEnumerable<PublicCall> Sales()
    {
        const string team = "sales";
        yield return new(team, "POST", "/order-refund-requests", 3, item => new
        {
            returnId = item.ReturnId, orderId = item.OrderId, lineId = "1", sku = item.Sku, serialNumber = item.SerialNumber, reason = "Defective", resolution = item.Resolution,
        });
        yield return new(team, "POST", "/order-refund-requests/{returnId}/approve", 10, _ => null, _ => new { note = "Checked." });
        yield return new(team, "POST", "/order-refund-requests/{returnId}/decline", 10, _ => null, _ => new { note = "Not this one." });
        yield return new(team, "POST", "/order-refund-requests/{returnId}/item-received", 4, Serials);
        yield return new(team, "POST", "/order-refund-requests/{returnId}/item-waived", 2);
        yield return new(team, "POST", "/order-refund-requests/{returnId}/replacement-shipped", 2, item => new { serialNumber = $"{item.Sku}-R2099-1", sku = item.Sku });
        yield return new(team, "POST", "/order-refund-requests/{returnId}/item-diagnosed", 4, Dispositions);
        yield return new(team, "POST", "/order-refund-requests/{returnId}/void", 6, Reason);
        foreach (var call in Registry(team, "customers", _ => new { customerId = "C-1", name = "Erika Mustermann", country = "DE", currency = "EUR" }, _ => new { name = "Erika Musterfrau" }))
            yield return call;
    }

    private static IEnumerable<PublicCall> Inventory()
    {
        const string team = "inventory";
        yield return new(team, "POST", "/stock", 1, item => new { sku = item.Sku });
        yield return new(team, "POST", "/stock/{sku}/replenish", 3, _ => new { quantity = 1 }, _ => new { quantity = 3 });
        yield return new(team, "POST", "/receipts", 16,
            item => new { returnId = item.ReturnId, serialNumber = item.SerialNumber, condition = "complete" },
            item => new { returnId = item.ReturnId, serialNumber = item.SerialNumber.ToLowerInvariant(), condition = "complete" },
            item => new { returnId = item.ReturnId, serialNumber = item.AnotherSerialNumber, condition = "complete" },
            item => new { returnId = item.ReturnId, serialNumber = item.SwappedSerialNumber ?? item.SerialNumber, condition = "complete" });
        yield return new(team, "POST", "/shipment-requests", 3, item => new
        {
            returnId = item.ReturnId, sku = item.Sku, serialNumber = item.SerialNumber, resolution = item.Resolution, replacementTiming = item.Timing,
        });
        yield return new(team, "POST", "/shipment-requests/{returnId}/refund-authorized", 3);
        yield return new(team, "POST", "/shipment-requests/{returnId}/cancel", 3, Reason);
        yield return new(team, "POST", "/shipment-requests/{returnId}/refund-rejected", 3, Reason);
        yield return new(team, "POST", "/shipment-requests/{returnId}/expire", 3);
        yield return new(team, "POST", "/shipment-requests/{returnId}/waive", 4, Reason);
        yield return new(team, "POST", "/shipment-requests/{returnId}/mismatch-accepted", 2, _ => null, Another);
        yield return new(team, "POST", "/shipment-requests/{returnId}/sent-back-accepted", 2);
        yield return new(team, "POST", "/shipment-requests/{returnId}/item-diagnosed", 3, Dispositions);
        yield return new(team, "POST", "/shipment-requests/{returnId}/delivered", 5);
        yield return new(team, "POST", "/shipment-requests/{returnId}/recalled-unit-returned", 5);
        foreach (var call in Registry(team, "locations", _ => new { code = "WH-MAIN", name = "Main warehouse", country = "DE" }, _ => new { name = "Warehouse" }))
            yield return call;
    }

    private static IEnumerable<PublicCall> Manufacturing()
    {
        const string team = "manufacturing";
        yield return new(team, "POST", "/disassembly-orders", 3, item => new { returnId = item.ReturnId, sku = item.Sku, serialNumber = item.SerialNumber });
        yield return new(team, "POST", "/disassembly-orders/{returnId}/item-received", 3, Serials);
        yield return new(team, "POST", "/disassembly-orders/{returnId}/mismatch-accepted", 2, _ => null, Another);
        yield return new(team, "POST", "/disassembly-orders/{returnId}/cancel", 3, Reason);
        yield return new(team, "POST", "/disassembly-orders/{returnId}/diagnosis", 14, Diagnoses);
        yield return new(team, "POST", "/disassembly-orders/{returnId}/complete", 8, Completions);
        foreach (var call in Registry(team, "products", item => new
                 {
                     sku = item.Sku, name = "Portable radio", parts = new[] { new { partSku = "SPK-40MM", name = "Speaker", quantity = 2, unitCost = 1.9 } }, faultCodes = new[] { "NO_SOUND" },
                 }, _ => new { name = "Radio" }))
            yield return call;
    }

    private static IEnumerable<PublicCall> Accounting()
    {
        const string team = "accounting";
        yield return new(team, "POST", "/asset-disposals", 3, item => new { returnId = item.ReturnId, sku = item.Sku, serialNumber = item.SerialNumber, costCenter = "CC-RETURNS" });
        yield return new(team, "POST", "/asset-disposals/{returnId}/refund-issued", 3, item => new { amount = item.Price, currency = "EUR" }, _ => new { amount = 0.01, currency = "EUR" });
        yield return new(team, "POST", "/asset-disposals/{returnId}/item-received", 2);
        yield return new(team, "POST", "/asset-disposals/{returnId}/mismatch-accepted", 2, Another);
        yield return new(team, "POST", "/asset-disposals/{returnId}/replacement-shipped", 2);
        yield return new(team, "POST", "/asset-disposals/{returnId}/item-diagnosed", 3, Dispositions);
        yield return new(team, "POST", "/asset-disposals/{returnId}/disassembly-completed", 2, _ => new { recoveredValue = 1.9, labourCost = 6.5, currency = "EUR" });
        yield return new(team, "POST", "/asset-disposals/{returnId}/refund-rejected", 3, Reason);
        yield return new(team, "POST", "/asset-disposals/{returnId}/refund-recovered", 2);
        yield return new(team, "POST", "/asset-disposals/{returnId}/recalled-unit-returned", 2);
        yield return new(team, "POST", "/asset-disposals/{returnId}/reverse", 5, Reason);
        foreach (var call in Registry(team, "landed-costs", item => new { sku = item.Sku, landedCost = 120.50, currency = "EUR" }, _ => new { landedCost = 99 }))
            yield return call;
    }

    private static IEnumerable<PublicCall> Registry(string team, string type, Func<Subject, object?> document, Func<Subject, object?> patch)
    {
        yield return new(team, "POST", $"/registry/{type}", 1, document);
        yield return new(team, "PUT", $"/registry/{type}/{{id}}", 1, document);
        yield return new(team, "PATCH", $"/registry/{type}/{{id}}", 1, patch);
        yield return new(team, "DELETE", $"/registry/{type}/{{id}}", 1);
    }

    private static object Another(Subject subject) => new { serialNumber = subject.AnotherSerialNumber, sku = subject.Sku };

    private static object Reason(Subject subject) => new { reason = "The customer keeps it." };

    private static Func<Subject, object?>[] Serials => [item => new { serialNumber = item.SerialNumber }, item => new { serialNumber = item.AnotherSerialNumber }];

    private static Func<Subject, object?>[] Dispositions =>
        [_ => new { disposition = "Scrap" }, _ => new { disposition = "ReturnToStock" }, _ => new { disposition = "ReturnToCustomer" }];

    private static Func<Subject, object?>[] Diagnoses =>
    [
        _ => new { faultCode = "NO_FAULT_FOUND", disposition = "Scrap" }, _ => new { faultCode = "NO_FAULT_FOUND", disposition = "ReturnToCustomer" },
        _ => new { faultCode = "NO_FAULT_FOUND", disposition = "ReturnToStock" }, _ => new { faultCode = "NO_SOUND", disposition = "Refurbish" },
    ];

    private static Func<Subject, object?>[] Completions =>
    [
        _ => new { parts = new[] { new { partSku = "SPK-40MM", quality = "Good", quantity = 1 } }, labourMinutes = 10 },
        _ => new { parts = Array.Empty<object>(), labourMinutes = 20 }, _ => new { parts = new[] { new { partSku = "NO-SUCH", quality = "Good", quantity = 1 } }, labourMinutes = 10 },
    ];
}
