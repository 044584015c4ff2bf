using System.Globalization;
using Microsoft.Net.Http.Headers;

namespace EseErp.Registry;

/// <summary>What a client last saw (<c>If-Match</c>, RFC 9110): only then is something changed.</summary>
public sealed class Precondition
{
    private readonly IReadOnlySet<int>? _versions;

    private Precondition(IReadOnlySet<int>? versions) => _versions = versions;

    /// <summary><c>*</c>: whatever is there.</summary>
    public static Precondition Any { get; } = new(null);

    public static Precondition Version(int version) => new(new HashSet<int> { version });

    public bool Allows(int version) => _versions?.Contains(version) ?? true;

    public static string ETag(int version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    /// <summary>Reads the header: <c>*</c> or one or more ETags. A weak one never matches, nor does one that is no version.</summary>
    public static bool TryParse(string header, out Precondition precondition)
    {
        precondition = Any;
        if (header.Trim() == "*") return true;
        if (!EntityTagHeaderValue.TryParseStrictList([header], out var tags)) return false;
        precondition = new Precondition(tags.Where(tag => !tag.IsWeak)
            .Select(tag => int.TryParse(tag.Tag.AsSpan().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0)
            .ToHashSet());
        return true;
    }
}
