using System.Reflection;

namespace EseErp.Contracts;

/// <summary>Every event of this version of EseErp, by its wire name.</summary>
public static class EventContracts
{
    /// <summary>Wire name → record, read once from the <see cref="EventTypeAttribute"/> of each record.</summary>
    public static IReadOnlyDictionary<string, Type> All { get; } = In(typeof(EventContracts).Assembly.GetTypes());

    /// <summary>
    /// Record of an earlier version → record of the next one and how it is made, read once from the
    /// <see cref="INextVersionOf{TEarlier, TSelf}"/> of each record.
    /// </summary>
    public static IReadOnlyDictionary<Type, (Type Next, Func<object, object> Upcast)> Upcasters { get; } = UpcastersIn(All.Values);

    /// <summary>The events among these types.</summary>
    public static IReadOnlyDictionary<string, Type> In(IEnumerable<Type> types) => types
        .Select(type => (Name: type.GetCustomAttribute<EventTypeAttribute>()?.Name, Type: type))
        .Where(contract => contract.Name is not null)
        .ToDictionary(contract => contract.Name!, contract => contract.Type);

    /// <summary>The upcasters of these events.</summary>
    public static IReadOnlyDictionary<Type, (Type Next, Func<object, object> Upcast)> UpcastersIn(IEnumerable<Type> events) => events
        .SelectMany(next => next.GetInterfaces()
            .Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(INextVersionOf<,>))
            .Select(type => (Earlier: type.GetGenericArguments()[0], Next: next)))
        .ToDictionary(version => version.Earlier, version => (version.Next, Upcaster(version.Earlier, version.Next)));

    private static Func<object, object> Upcaster(Type earlier, Type next) => (Func<object, object>)typeof(EventContracts)
        .GetMethod(nameof(UpcasterOf), BindingFlags.NonPublic | BindingFlags.Static)!
        .MakeGenericMethod(earlier, next)
        .Invoke(null, null)!;

    private static Func<object, object> UpcasterOf<TEarlier, TNext>()
        where TEarlier : class
        where TNext : class, INextVersionOf<TEarlier, TNext> => earlier => TNext.From((TEarlier)earlier);
}
