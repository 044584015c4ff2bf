namespace EseErp.Registry;

/// <summary>What is wrong with a document, by field as a client knows it (<c>parts[0].quantity</c>). Bounded, as its answer is.</summary>
public sealed class Faults
{
    /// <summary>The name of a fault of the whole document.</summary>
    public const string Whole = "body";

    private const int Most = 20;
    private const int LongestName = 200;

    private readonly Dictionary<string, string[]> _reasons = new(StringComparer.Ordinal);

    public bool Any => _reasons.Count > 0;

    /// <summary>Adds a reason that continues from the field's name: "must be …". The first of a field counts.</summary>
    public void Add(string field, string reason)
    {
        if (_reasons.Count >= Most) return;
        if (field.Length == 0) field = Whole;
        _reasons.TryAdd(field.Length > LongestName ? field[..LongestName] + "…" : field, [reason]);
    }

    public IReadOnlyDictionary<string, string[]> ToDictionary() => _reasons;

    // JSON may escape half a surrogate pair, which is no text.
    internal static string? TextOf(Func<string?> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
