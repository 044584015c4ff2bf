using System.Collections.Frozen;

namespace EseErp.EventStore;

/// <summary>Which record stands behind which wire name, in both directions.</summary>
public sealed class EventTypes
{
    private readonly FrozenDictionary<string, Type> _byName;
    private readonly FrozenDictionary<Type, string> _byType;

    public EventTypes(IReadOnlyDictionary<string, Type> contracts)
    {
        _byName = contracts.ToFrozenDictionary();
        _byType = contracts.ToFrozenDictionary(contract => contract.Value, contract => contract.Key);
    }

    /// <summary>The wire name of a record; throws for a record that is not a published contract.</summary>
    public string NameOf(Type type) => _byType.TryGetValue(type, out var name)
        ? name
        : throw new InvalidOperationException($"{type} has no event type name: it is not a contract.");

    /// <summary>The record behind a wire name, or null when this build does not know it.</summary>
    public Type? Find(string name) => _byName.GetValueOrDefault(name);
}
