using System.Globalization;
using EseErp.Services.Tests.Api;

namespace EseErp.Services.Tests.Faults;

internal enum Fault
{
    /// <summary>The value is not allowed.</summary>
    OfValue,

    /// <summary>The value is not JSON, so that there is no field to name.</summary>
    OfSyntax,

    /// <summary>Odd, but it may be meant.</summary>
    Perhaps,
}

/// <summary>Wrong values for a schema, as JSON texts.</summary>
internal static class ValueFaults
{
    public static IEnumerable<(string What, string Text, Fault Fault)> Of(Schema schema, bool required) => schema switch
    {
        { Enum.Count: > 0 } => OfEnum(schema),
        { Type: "string" } => OfText(schema, required),
        { Type: "integer" } => OfNumber(schema).Concat(OfInteger(schema)),
        { Type: "number" } => OfNumber(schema).Append(("with many decimals", "0.1234567890123456789012345678901234567890", Fault.Perhaps)),
        { Type: "boolean" } => WrongTypes("\"true\"", "1", "{}", "[]"),
        { Type: "array" } => WrongTypes("\"text\"", "5", "true", "{}"),
        { Type: "object" } => WrongTypes("\"text\"", "5", "true", "[]"),
        _ => [],
    };

    private static IEnumerable<(string, string, Fault)> OfEnum(Schema schema)
    {
        foreach (var wrong in WrongTypes("0", "1", "77", "-1", "true", "{}", "[]", $"[\"{schema.Enum[0]}\"]")) yield return wrong;
        foreach (var text in new[] { "", " ", "Unknown", "0", "1", "77", $"{schema.Enum[0]}, {schema.Enum[^1]}", $" {schema.Enum[0]}" })
            yield return ($"is '{text}'", $"\"{text}\"", Fault.OfValue);
    }

    private static IEnumerable<(string, string, Fault)> OfText(Schema schema, bool required)
    {
        foreach (var wrong in WrongTypes("5", "1.5", "true", "{}", "[]", "[\"text\"]")) yield return wrong;
        var blank = required || schema.MinLength > 0 ? Fault.OfValue : Fault.Perhaps;
        yield return ("empty", "\"\"", blank);
        yield return ("blank", "\"   \"", blank);
        yield return ("white space around", "\" x \"", blank);
        yield return ("with a no-break space only", "\"\\u00a0\"", blank);
        yield return ("with U+0000", "\"a\\u0000b\"", Fault.OfValue);
        yield return ("with a control character", "\"a\\u001bb\"", Fault.OfValue);
        yield return ("with half a character", "\"\\ud800\"", Fault.OfValue);
        if (schema.MaxLength is { } most)
        {
            yield return ("too long", $"\"{new string('x', most + 1)}\"", Fault.OfValue);
            yield return ("far too long", $"\"{new string('x', 100_000)}\"", Fault.OfValue);
        }

        if (schema.MinLength > 1) yield return ("too short", "\"x\"", Fault.OfValue);
        if (schema.Pattern is not null) yield return ("off the pattern", "\"\u00e9 !\"", Fault.OfValue);
        if (schema.Format is "date-time" or "date" or "uuid")
        {
            yield return ("no such thing", "\"yesterday\"", Fault.OfValue);
            yield return ("impossible", "\"2026-13-45T25:61:61Z\"", Fault.OfValue);
        }

        foreach (var odd in new[] { "'; drop table returns; --", "💥", "%s%n", "../..", "<b>&", "null", "NaN", "٣", "e\u0301\u202e" })
            yield return ($"is {odd}", $"\"{odd}\"", Fault.Perhaps);
    }

    private static IEnumerable<(string, string, Fault)> OfNumber(Schema schema)
    {
        foreach (var wrong in WrongTypes("\"5\"", "\"\"", "\"NaN\"", "\"Infinity\"", "true", "{}", "[]", "[1]")) yield return wrong;
        foreach (var text in new[] { "NaN", "Infinity", "-Infinity", "+1", "01", "0x1", "1." }) yield return ($"is {text}", text, Fault.OfSyntax);
        yield return ("is 1e400", "1e400", Fault.OfValue);
        yield return ("is -1e400", "-1e400", Fault.OfValue);
        yield return ("is 1e25", "1e25", Fault.OfValue);
        if (schema.Minimum is { } least) yield return ("below the least", Text(least - 1), Fault.OfValue);
        if (schema.Minimum >= 0) yield return ("negative", "-1", Fault.OfValue);
        if (schema.Maximum is { } most) yield return ("above the most", Text(most + 1), Fault.OfValue);
    }

    private static IEnumerable<(string, string, Fault)> OfInteger(Schema schema)
    {
        yield return ("with a fraction", "1.5", Fault.OfValue);
        yield return ("is 99999999999", "99999999999", schema.Maximum is null && schema.Format == "int64" ? Fault.Perhaps : Fault.OfValue);
        yield return ("is 99999999999999999999", "99999999999999999999", Fault.OfValue);
    }

    private static IEnumerable<(string, string, Fault)> WrongTypes(params string[] texts) => texts.Select(text => ($"is {text}", text, Fault.OfValue));

    private static string Text(decimal number) => number.ToString(CultureInfo.InvariantCulture);
}
