using System.Collections.Frozen;
using System.Text.Json;

namespace EseErp.EventStore;

/// <summary>
/// Which record stands behind which wire name, in both directions, and how events of an earlier version are read: as the
/// newest, so that whoever reads a fact knows one version of it only.
/// </summary>
public sealed class EventTypes
{
    private readonly FrozenDictionary<string, Type> _byName;
    private readonly FrozenDictionary<Type, string> _byType;
    private readonly FrozenDictionary<Type, (Type Next, Func<object, object> Upcast)> _upcasters;

    /// <param name="contracts">Every event type by wire name, those of earlier versions included.</param>
    /// <param name="upcasters">Record of an earlier version → record of the next one and how it is made; null: there are none.</param>
    /// <exception cref="ArgumentException">A version follows from itself.</exception>
    public EventTypes(
        IReadOnlyDictionary<string, Type> contracts, IReadOnlyDictionary<Type, (Type Next, Func<object, object> Upcast)>? upcasters = null)
    {
        _byName = contracts.ToFrozenDictionary();
        _byType = contracts.ToFrozenDictionary(contract => contract.Value, contract => contract.Key);
        _upcasters = (upcasters ?? new Dictionary<Type, (Type, Func<object, object>)>()).ToFrozenDictionary();
        foreach (var first in _upcasters.Keys)
        {
            var seen = new HashSet<Type>();
            for (var type = first; _upcasters.TryGetValue(type, out var upcaster); type = upcaster.Next)
                if (!seen.Add(type)) throw new ArgumentException($"{type} follows from itself.", nameof(upcasters));
        }
    }

    /// <summary>The wire name of a record, to write it under.</summary>
    /// <exception cref="InvalidOperationException">It is not a contract, or a version that another has replaced.</exception>
    public string NameOf(Type type)
    {
        if (_upcasters.TryGetValue(type, out var upcaster))
            throw new InvalidOperationException($"{type} is replaced by {upcaster.Next}: facts are recorded and consumed in their newest version.");
        return _byType.TryGetValue(type, out var name) ? name : throw new InvalidOperationException($"{type} has no event type name: it is not a contract.");
    }

    /// <summary>Every wire name whose events are read as this record: its own and those of the versions before.</summary>
    /// <exception cref="InvalidOperationException">It is not a contract, or a version that another has replaced.</exception>
    public IEnumerable<string> NamesOf(Type newest)
    {
        NameOf(newest);
        return _byName.Where(contract => Newest(contract.Value) == newest).Select(contract => contract.Key);
    }

    /// <summary>The record behind a wire name, or null when this build does not know it.</summary>
    public Type? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Reads the data of an event and upcasts it to the newest version of the fact.</summary>
    /// <returns>The fact; null when the data say <c>null</c>.</returns>
    /// <exception cref="InvalidOperationException">This build does not know the type.</exception>
    /// <exception cref="JsonException">The data are not of that type.</exception>
    public object? Read(string name, ReadOnlySpan<byte> data) => Newest(JsonSerializer.Deserialize(data, Known(name), EventJson.Options));

    /// <inheritdoc cref="Read(string, ReadOnlySpan{byte})"/>
    public object? Read(string name, string data) => Newest(JsonSerializer.Deserialize(data, Known(name), EventJson.Options));

    private Type Known(string name) => Find(name) ?? throw new InvalidOperationException($"Event type {name} is not known to this build.");

    private Type Newest(Type type)
    {
        while (_upcasters.TryGetValue(type, out var upcaster)) type = upcaster.Next;
        return type;
    }

    private object? Newest(object? fact)
    {
        while (fact is not null && _upcasters.TryGetValue(fact.GetType(), out var upcaster)) fact = upcaster.Upcast(fact);
        return fact;
    }
}
