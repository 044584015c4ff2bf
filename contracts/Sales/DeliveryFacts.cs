namespace EseErp.Contracts.Sales;

/// <summary>
/// Devices of a model were delivered to customers; the return rate is measured against them. The message key is the
/// model, because it is about no return.
/// </summary>
/// <param name="Quantity">How many since the last report; one or more.</param>
[EventType("ese.sales.units-delivered.v1")]
public sealed record UnitsDelivered(string Sku, int Quantity);
