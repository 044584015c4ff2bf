using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace EseErp.Registry;

/// <summary>
/// The part of JSON Schema that reference data need, read once. A keyword that is not checked is refused at start, so that no
/// schema promises more than is held.
/// </summary>
internal sealed class Shape
{
    private static readonly TimeSpan LongestMatch = TimeSpan.FromSeconds(1);

    public IReadOnlySet<string> Types { get; private init; } = new HashSet<string>();

    public string? Description { get; private init; }

    public IReadOnlyList<string> Choices { get; private init; } = [];

    public int? MinLength { get; private init; }

    public int? MaxLength { get; private init; }

    /// <summary>As the schema says it, in the language of JSON Schema.</summary>
    public string? Pattern { get; private init; }

    /// <summary>The same in .NET's language.</summary>
    public Regex? Matches { get; private init; }

    /// <summary><c>date</c>, or <c>trimmed</c>: neither blank nor with white space around.</summary>
    public string? Format { get; private init; }

    public decimal? Minimum { get; private init; }

    public decimal? Maximum { get; private init; }

    public int? MinItems { get; private init; }

    public int? MaxItems { get; private init; }

    public Shape? Items { get; private init; }

    /// <summary>An object has these members and no others.</summary>
    public IReadOnlyDictionary<string, Shape> Members { get; private init; } = new Dictionary<string, Shape>();

    public IReadOnlyList<string> Required { get; private init; } = [];

    /// <exception cref="InvalidOperationException">It says something that is not checked here.</exception>
    public static Shape Of(JsonElement schema)
    {
        var types = schema.TryGetProperty("type", out var type)
            ? type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(one => one.GetString()!).ToHashSet() : [type.GetString()!]
            : throw new InvalidOperationException("A schema must say its type.");
        foreach (var keyword in schema.EnumerateObject())
        {
            if (!Known(keyword)) throw new InvalidOperationException($"The keyword {keyword.Name} ({keyword.Value.GetRawText()}) is not checked, so a schema must not use it.");
        }

        if (types.Contains("object") && !schema.TryGetProperty("additionalProperties", out _))
            throw new InvalidOperationException("An object must say additionalProperties: false.");
        return new Shape
        {
            Types = types,
            Description = Text("description"),
            Choices = List("enum"),
            MinLength = Whole("minLength"),
            MaxLength = Whole("maxLength"),
            Pattern = Text("pattern"),
            Matches = Text("pattern") is { } pattern ? new Regex(Anchored(pattern), RegexOptions.CultureInvariant, LongestMatch) : null,
            Format = Text("format"),
            Minimum = Number("minimum"),
            Maximum = Number("maximum"),
            MinItems = Whole("minItems"),
            MaxItems = Whole("maxItems"),
            Items = schema.TryGetProperty("items", out var items) ? Of(items) : null,
            Members = schema.TryGetProperty("properties", out var members)
                ? members.EnumerateObject().ToDictionary(member => member.Name, member => Of(member.Value)) : new Dictionary<string, Shape>(),
            Required = List("required"),
        };

        string? Text(string name) => schema.TryGetProperty(name, out var value) ? value.GetString() : null;
        int? Whole(string name) => schema.TryGetProperty(name, out var value) ? value.GetInt32() : null;
        decimal? Number(string name) => schema.TryGetProperty(name, out var value) ? value.GetDecimal() : null;
        List<string> List(string name) => schema.TryGetProperty(name, out var value) ? [.. value.EnumerateArray().Select(one => one.GetString()!)] : [];
    }

    /// <summary>Adds what is wrong with a value.</summary>
    /// <param name="patch">The value is part of a merge patch: nothing is required and null removes.</param>
    public void Check(JsonElement value, string path, bool patch, Faults faults)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Null when Types.Contains("null"): break;
            case JsonValueKind.True or JsonValueKind.False when Types.Contains("boolean"): break;
            case JsonValueKind.Object when Types.Contains("object"): CheckMembers(value, path, patch, faults); break;
            case JsonValueKind.Array when Types.Contains("array"): CheckItems(value, path, faults); break;
            case JsonValueKind.String when Types.Contains("string"): CheckText(value, path, faults); break;
            case JsonValueKind.Number when Types.Contains("number") || Types.Contains("integer"): CheckNumber(value, path, faults); break;
            case JsonValueKind.Null: faults.Add(path, "must not be null"); break;
            default: faults.Add(path, Requirement()); break;
        }
    }

    private void CheckMembers(JsonElement value, string path, bool patch, Faults faults)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            if (Faults.TextOf(() => member.Name) is not { } name)
            {
                faults.Add(path, "must have names without half characters");
                continue;
            }

            var field = path.Length == 0 ? name : $"{path}.{name}";
            if (!seen.Add(name)) faults.Add(field, "is given more than once");
            else if (!Members.TryGetValue(name, out var shape)) faults.Add(field, "is not a known field");
            else if (!(patch && member.Value.ValueKind == JsonValueKind.Null)) shape.Check(member.Value, field, patch, faults);
        }

        if (patch) return;
        foreach (var name in Required.Where(name => !seen.Contains(name))) faults.Add(path.Length == 0 ? name : $"{path}.{name}", "is required");
    }

    // A patch replaces an array as a whole, so its items are complete.
    private void CheckItems(JsonElement value, string path, Faults faults)
    {
        var count = value.GetArrayLength();
        if (count < MinItems) faults.Add(path, $"must have at least {MinItems} items");
        if (count > MaxItems) faults.Add(path, $"must have at most {MaxItems} items");
        if (Items is null || count > MaxItems) return;
        var index = 0;
        foreach (var item in value.EnumerateArray()) Items.Check(item, string.Create(CultureInfo.InvariantCulture, $"{path}[{index++}]"), false, faults);
    }

    private void CheckText(JsonElement value, string path, Faults faults)
    {
        if (Faults.TextOf(value.GetString) is not { } text)
        {
            faults.Add(path, "must be text without half characters");
            return;
        }

        var length = text.EnumerateRunes().Count();
        if (length < MinLength || length > MaxLength)
            faults.Add(path, MinLength > 0 ? $"must be {MinLength} to {MaxLength} characters long" : $"must be at most {MaxLength} characters long");
        else if (Choices.Count > 0 && !Choices.Contains(text)) faults.Add(path, $"must be one of: {string.Join(", ", Choices)}");
        else if (Format == "trimmed" && (text.Length == 0 || text.Trim().Length != text.Length)) faults.Add(path, "must not be blank nor begin or end with white space");
        else if (Format == "date" && !DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)) faults.Add(path, "must be a date such as 2026-11-20");
        else if (Matches?.IsMatch(text) == false) faults.Add(path, $"must match {Pattern}");
    }

    private void CheckNumber(JsonElement value, string path, Faults faults)
    {
        if (!value.TryGetDecimal(out var number) || (!Types.Contains("number") && !value.TryGetInt64(out _))) faults.Add(path, Requirement());
        else if (number < Minimum || number > Maximum) faults.Add(path, $"must be from {Minimum} to {Maximum}");
    }

    private string Requirement() => Types.First(type => type != "null") switch
    {
        "object" => "must be a JSON object",
        "array" => "must be a JSON array",
        "string" => "must be text",
        "integer" => "must be a whole number in range",
        "number" => "must be a number in range",
        _ => "must be true or false",
    };

    // ^ and $ are the ends of the text in JSON Schema. In .NET $ also matches before a last line feed.
    private static string Anchored(string pattern)
    {
        var anchored = new StringBuilder();
        var inClass = false;
        for (var place = 0; place < pattern.Length; place++)
        {
            var character = pattern[place];
            if (character == '\\' && place + 1 < pattern.Length)
            {
                anchored.Append(character).Append(pattern[++place]);
                continue;
            }

            if (character is '[' or ']') inClass = character == '[';
            _ = inClass ? anchored.Append(character) : anchored.Append(character switch { '^' => @"\A", '$' => @"\z", _ => $"{character}" });
        }

        return anchored.ToString();
    }

    private static bool Known(JsonProperty keyword) => keyword.Name switch
    {
        "type" => (keyword.Value.ValueKind == JsonValueKind.Array ? keyword.Value.EnumerateArray() : Enumerable.Repeat(keyword.Value, 1))
            .All(type => type.GetString() is "object" or "array" or "string" or "number" or "integer" or "boolean" or "null"),
        "additionalProperties" => keyword.Value.ValueKind == JsonValueKind.False,
        "format" => keyword.Value.GetString() is "date" or "trimmed",
        "$schema" or "$id" or "title" or "description" or "properties" or "required" or "enum" or "minLength" or "maxLength" or "pattern"
            or "minimum" or "maximum" or "minItems" or "maxItems" or "items" => true,
        _ => false,
    };
}
