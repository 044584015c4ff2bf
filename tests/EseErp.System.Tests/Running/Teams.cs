namespace EseErp.SystemTests.Running;

/// <summary>The names of the services, as the launcher knows them.</summary>
public static class Teams
{
    public const string UserSupport = "user-support";
    public const string Sales = "sales";
    public const string Inventory = "inventory";
    public const string Manufacturing = "manufacturing";
    public const string Accounting = "accounting";
    public const string Tracking = "tracking";

    /// <summary>The four teams that User Support asks, and the table each keeps its document in.</summary>
    public static IReadOnlyDictionary<string, string> Documents { get; } = new Dictionary<string, string>
    {
        [Sales] = "order_refund_requests",
        [Inventory] = "shipment_requests",
        [Manufacturing] = "disassembly_orders",
        [Accounting] = "asset_disposals",
    };

    /// <summary>All teams that record facts.</summary>
    public static IReadOnlyList<string> Publishing { get; } = [UserSupport, .. Documents.Keys];

    /// <summary>All services.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Publishing, Tracking];
}
