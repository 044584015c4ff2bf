namespace EseErp.Teams.Tests.AnyOrder;

/// <summary>What a call is about: a return, or an id that none was filed under.</summary>
/// <param name="IsFiled">Whether User Support gave the id.</param>
/// <param name="SwappedSerialNumber">Of a device that another return has announced; null: none has.</param>
public sealed record Subject(
    string ReturnId, string OrderId, string Sku, string SerialNumber, decimal Price, string Resolution = "RefundAndReplace", string Timing = "OnReceipt",
    string Mode = "event", bool IsFiled = true, string? SwappedSerialNumber = null)
{
    public string AnotherSerialNumber => $"{SerialNumber}-OTHER";
}
