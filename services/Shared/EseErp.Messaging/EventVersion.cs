namespace EseErp.Messaging;

/// <summary>Takes the wire name of an event apart: <c>ese.sales.refund-issued.v2</c>.</summary>
internal static class EventVersion
{
    /// <summary>The name that all versions of a fact share; an empty one for what is no such name.</summary>
    public static ReadOnlySpan<char> Of(ReadOnlySpan<char> type)
    {
        var dot = type.LastIndexOf(".v");
        if (dot <= 0 || dot + 2 == type.Length) return [];
        foreach (var digit in type[(dot + 2)..])
            if (!char.IsAsciiDigit(digit)) return [];
        return type[..dot];
    }

    /// <inheritdoc cref="Of"/>
    public static string NameOf(string type) => Of(type).ToString();
}
