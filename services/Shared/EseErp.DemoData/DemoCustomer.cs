namespace EseErp.DemoData;

/// <summary>An invented customer. There is no address of any kind to leak.</summary>
/// <param name="CustomerId">Such as <c>C-00042</c>.</param>
/// <param name="Name">For display.</param>
/// <param name="Country">ISO 3166-1 alpha-2.</param>
/// <param name="Currency">ISO 4217; the currency all orders of this customer are in.</param>
/// <param name="ReturnLocation">Code of the warehouse this customer sends returns to.</param>
public sealed record DemoCustomer(string CustomerId, string Name, string Country, string Currency, string ReturnLocation);

/// <summary>A warehouse that takes returns.</summary>
/// <param name="Code">Such as <c>WH-HAM</c>.</param>
/// <param name="Country">ISO 3166-1 alpha-2.</param>
public sealed record DemoLocation(string Code, string Name, string Country);

/// <summary>A cost center that bears the cost of returns.</summary>
/// <param name="Code">Such as <c>CC-4110</c>.</param>
/// <param name="Currency">ISO 4217; the currency it keeps its books in.</param>
public sealed record DemoCostCenter(string Code, string Name, string Currency);
