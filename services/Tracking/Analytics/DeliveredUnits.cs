namespace EseErp.Tracking.Analytics;

/// <summary>How many units of a model Sales has delivered, as its facts add up.</summary>
public sealed class DeliveredUnits
{
    public required string Sku { get; init; }

    public long Quantity { get; private set; }

    public void Add(int quantity) => Quantity += quantity;
}
