namespace EseErp.Contracts.Sales;

/// <summary>
/// Units of a model were delivered to customers: what returns of the model are measured against. The message key is the
/// model, for it concerns no return.
/// </summary>
/// <param name="Quantity">How many more than were reported before; one or more.</param>
[EventType("ese.sales.units-delivered.v1")]
public sealed record UnitsDelivered(string Sku, int Quantity);
