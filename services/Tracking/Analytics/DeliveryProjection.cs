using EseErp.Contracts.Sales;
using EseErp.EventStore;

namespace EseErp.Tracking.Analytics;

/// <summary>The one place where deliveries change what Tracking knows. They concern a model and no return.</summary>
public sealed class DeliveryProjection(Documents documents)
{
    public async Task Apply(UnitsDelivered delivered, CancellationToken cancellationToken)
    {
        if (await documents.Find<DeliveredUnits>(delivered.Sku, cancellationToken) is not { } units)
            documents.Add(delivered.Sku, units = new DeliveredUnits { Sku = delivered.Sku });
        units.Add(delivered.Quantity);
    }
}
