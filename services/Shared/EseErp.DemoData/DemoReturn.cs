namespace EseErp.DemoData;

/// <summary>Everything a customer knows who returns one device.</summary>
/// <param name="Reason">
/// <c>Defective</c>, <c>DamagedInTransit</c>, <c>WrongItem</c>, <c>NotAsDescribed</c>, <c>NoLongerWanted</c> or
/// <c>WarrantyClaim</c>.
/// </param>
/// <param name="Location">Code of the warehouse the device goes to.</param>
/// <param name="CostCenter">Code of the cost center that bears the return.</param>
public sealed record DemoReturn(
    string OrderId,
    string LineId,
    string Sku,
    string SerialNumber,
    string Reason,
    string CustomerId,
    string ShipmentId,
    string Location,
    string CostCenter);

/// <summary>A return that shows one rule.</summary>
/// <param name="Name">The name of the property of <see cref="DemoExamples"/>.</param>
/// <param name="Explanation">What the return shows and why it ends as it does, for people.</param>
/// <param name="Rejection">
/// The reason Sales refuses it for, such as <c>NotDelivered</c> (others may apply as well); null when it is accepted.
/// </param>
/// <param name="ReplacementInStock">Whether a replacement can be reserved at once, with the stock as seeded.</param>
public sealed record DemoExample(
    string Name,
    string Explanation,
    DemoReturn Return,
    string? Rejection,
    bool ReplacementInStock);
