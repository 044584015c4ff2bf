using System.Text.Json.Serialization;

namespace EseErp.Lab.Auditing;

/// <summary>Which promise is broken.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FindingKind>))]
internal enum FindingKind
{
    /// <summary>Something that was accepted is missing somewhere.</summary>
    Lost,

    /// <summary>Something was done more than once.</summary>
    Doubled,

    /// <summary>A return has not come to its end.</summary>
    Unsettled,

    /// <summary>Two records of the same thing do not agree.</summary>
    Inconsistent,
}

/// <summary>One thing that is wrong, and with what.</summary>
/// <param name="Count">Of how many returns (or stock items, orders, currencies).</param>
/// <param name="Examples">Up to 20 of them.</param>
internal sealed record Finding(FindingKind Kind, string What, int Count, IReadOnlyList<string> Examples);

/// <summary>Gathers what is wrong, by what it is.</summary>
internal sealed class Findings
{
    private const int MostExamples = 20;

    private readonly Dictionary<(FindingKind Kind, string What), SortedSet<string>> _found = [];

    public IReadOnlyList<Finding> All =>
        [.. _found.OrderBy(each => each.Key).Select(each => new Finding(each.Key.Kind, each.Key.What, each.Value.Count, [.. each.Value.Take(MostExamples)]))];

    public void Add(FindingKind kind, string what, string where)
    {
        if (!_found.TryGetValue((kind, what), out var places))
            _found[(kind, what)] = places = new SortedSet<string>(StringComparer.Ordinal);
        places.Add(where);
    }

    /// <summary>The returns that this is wrong with.</summary>
    public IReadOnlySet<string> Of(params IReadOnlyList<FindingKind> kinds) =>
        _found.Where(each => kinds.Contains(each.Key.Kind)).SelectMany(each => each.Value).ToHashSet();
}
