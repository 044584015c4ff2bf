using System.Globalization;

namespace EseErp.Contracts.Tests;

/// <summary>The rule that every version of a fact that was ever published can be read as the newest one.</summary>
internal static class Versions
{
    /// <param name="published">The wire names that were ever published.</param>
    public static IEnumerable<string> Faults(
        IReadOnlyDictionary<string, Type> contracts, IReadOnlyDictionary<Type, (Type Next, Func<object, object> Upcast)> upcasters, IEnumerable<string> published)
    {
        foreach (var gone in published.Except(contracts.Keys)) yield return $"{gone} was published and has no record any more";
        foreach (var fact in contracts.GroupBy(contract => FactOf(contract.Key)))
        {
            var newest = fact.MaxBy(contract => VersionOf(contract.Key));
            foreach (var (name, type) in fact.Where(contract => Last(contract.Value, upcasters) != newest.Value))
                yield return $"{name} is not read as {newest.Key}, but as {Last(type, upcasters).Name}";
        }
    }

    private static Type Last(Type type, IReadOnlyDictionary<Type, (Type Next, Func<object, object> Upcast)> upcasters)
    {
        var seen = new HashSet<Type>();
        while (upcasters.TryGetValue(type, out var upcaster) && seen.Add(type)) type = upcaster.Next;
        return type;
    }

    private static string FactOf(string name) => name[..name.LastIndexOf(".v", StringComparison.Ordinal)];

    private static int VersionOf(string name) => int.Parse(name[(name.LastIndexOf(".v", StringComparison.Ordinal) + 2)..], CultureInfo.InvariantCulture);
}
