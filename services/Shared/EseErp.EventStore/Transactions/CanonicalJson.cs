using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text.Json;

namespace EseErp.EventStore;

/// <summary>
/// What a JSON text says, whatever its spacing, the order of its members and the spelling of its texts and numbers. It is
/// taken from the text as sent and not from what a contract makes of it: a contract may get another optional member.
/// </summary>
public static class CanonicalJson
{
    // Says how the hash was made; what was stored before there was such a mark is 32 bytes long, or empty.
    private const byte Version = 1;

    private const int Longest = 1_000;

    /// <summary>A hash of what the text says; empty for no text.</summary>
    public static byte[] Hash(ReadOnlyMemory<byte> json)
    {
        if (json.Span.Trim(" \t\r\n"u8).IsEmpty) return [];
        try
        {
            using var document = JsonDocument.Parse(json);
            using var canonical = new MemoryStream();
            using (var writer = new Utf8JsonWriter(canonical)) Write(document.RootElement, writer);
            return [Version, .. SHA256.HashData(canonical.GetBuffer().AsSpan(0, (int)canonical.Length))];
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Not JSON, or half a character in it: the text itself.
            return [Version, .. SHA256.HashData(json.Span)];
        }
    }

    /// <summary>
    /// Whether the same was sent as then. What an earlier version of EseErp stored is a hash of something else, which cannot
    /// be made again: it counts as the same, so that a retry across an upgrade does nothing twice.
    /// </summary>
    internal static bool IsSame(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> sent) =>
        stored.SequenceEqual(sent) || (stored.Length == SHA256.HashSizeInBytes && !sent.IsEmpty);

    private static void Write(JsonElement element, Utf8JsonWriter writer)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in element.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(member.Name);
                    Write(member.Value, writer);
                }

                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray()) Write(item, writer);
                writer.WriteEndArray();
                break;
            case JsonValueKind.Number:
                writer.WriteRawValue(NormalForm(element.GetRawText()));
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(element.GetString());
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }

    // The digits without zeros around them, and their power of ten: 1, 1.0, 10e-1 are 1e0. No digit is lost.
    private static string NormalForm(string number)
    {
        var parts = number.Split(['e', 'E'], 2);
        var point = parts[0].IndexOf('.', StringComparison.Ordinal);
        var fraction = point < 0 ? 0 : parts[0].Length - point - 1;
        // No number of any contract is as long; to work on it would be work for nothing.
        if (number.Length > Longest) return number;
        var digits = BigInteger.Parse(parts[0].Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        if (digits.IsZero) return "0";
        var exponent = (parts.Length == 2 ? BigInteger.Parse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : 0) - fraction;
        for (; digits % 10 == 0; digits /= 10) exponent++;
        return $"{digits.ToString(CultureInfo.InvariantCulture)}e{exponent.ToString(CultureInfo.InvariantCulture)}";
    }
}
