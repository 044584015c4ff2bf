using System.Reflection;

namespace EseErp.Contracts;

/// <summary>Every event of this version of EseErp, by its wire name.</summary>
public static class EventContracts
{
    /// <summary>Wire name → record, read once from the <see cref="EventTypeAttribute"/> of each record.</summary>
    public static IReadOnlyDictionary<string, Type> All { get; } = typeof(EventContracts).Assembly.GetTypes()
        .Select(type => (Name: type.GetCustomAttribute<EventTypeAttribute>()?.Name, Type: type))
        .Where(contract => contract.Name is not null)
        .ToDictionary(contract => contract.Name!, contract => contract.Type);
}
