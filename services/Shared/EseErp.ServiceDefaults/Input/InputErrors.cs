namespace EseErp.ServiceDefaults;

/// <summary>Reasons per field. Bounded: a hostile body must not be answered with a longer one.</summary>
internal sealed class InputErrors
{
    /// <summary>The field name of a fault that concerns the whole body.</summary>
    public const string Body = "body";

    private const int MostFields = 50;
    private const int LongestName = 200;

    private readonly Dictionary<string, List<string>> reasons = new(StringComparer.Ordinal);

    public bool Any => reasons.Count > 0;

    public void Add(string field, string reason)
    {
        field = Printable(field);
        if (reasons.TryGetValue(field, out var list))
            list.Add(reason);
        else if (reasons.Count < MostFields)
            reasons.Add(field, [reason]);
    }

    public IReadOnlyDictionary<string, string[]> ToDictionary() =>
        reasons.ToDictionary(entry => entry.Key, entry => entry.Value.Distinct().ToArray(), StringComparer.Ordinal);

    public static IReadOnlyDictionary<string, string[]> One(string field, string reason)
    {
        var errors = new InputErrors();
        errors.Add(field, reason);
        return errors.ToDictionary();
    }

    private static string Printable(string name)
    {
        if (name.Length > LongestName) name = name[..LongestName] + "…";
        return name.AsSpan().ContainsAnyInRange('\0', '\u001f') ? new string([.. name.Select(c => char.IsControl(c) ? '\uFFFD' : c)]) : name;
    }
}
