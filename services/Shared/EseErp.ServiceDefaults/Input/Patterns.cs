namespace EseErp.ServiceDefaults;

/// <summary>
/// Patterns are held against the whole text: from <c>\A</c> to <c>\z</c>, as <c>$</c> also matches before a last line feed here. JSON
/// Schema and OpenAPI mean the same by <c>^</c> and <c>$</c> and do not know the others.
/// </summary>
internal static class Patterns
{
    public static string ForClients(string pattern) =>
        pattern.Replace(@"\A", "^", StringComparison.Ordinal).Replace(@"\z", "$", StringComparison.Ordinal);
}
