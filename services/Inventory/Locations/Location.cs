namespace EseErp.Inventory.Locations;

/// <summary>A warehouse that takes returns. Kept in the registry; see <see cref="KnownLocations"/>.</summary>
/// <param name="Code">Such as <c>WH-HAM</c>.</param>
/// <param name="Country">ISO 3166-1 alpha-2.</param>
public sealed record Location(string Code, string Name, string Country);
