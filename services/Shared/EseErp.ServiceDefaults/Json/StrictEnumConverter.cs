using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EseErp.ServiceDefaults;

/// <summary>
/// Reads enums from their names only. A converter in the options wins over the attribute on the type, so a plain
/// <c>JsonStringEnumConverter</c> there, which would accept any number, only decides how the names are written.
/// </summary>
internal sealed class StrictEnumConverterFactory : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsEnum;

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(
            typeof(StrictEnumConverter<>).MakeGenericType(typeToConvert), EnumNames.Of(typeToConvert))!;
}

/// <summary>The names an enum has in JSON and in query strings.</summary>
internal sealed class EnumNames
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<Type, EnumNames> Known = new();

    private readonly Dictionary<string, object> valueByName = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<object, string> nameByValue = [];

    private EnumNames(Type type)
    {
        var declared = type.GetCustomAttribute<JsonConverterAttribute>()?.ConverterType;
        var converter = declared is null ? new JsonStringEnumConverter() : (JsonConverter)Activator.CreateInstance(declared)!;
        var options = new JsonSerializerOptions { Converters = { converter } };
        foreach (var value in Enum.GetValues(type))
        {
            var written = JsonSerializer.SerializeToElement(value, type, options);
            var name = written.ValueKind == JsonValueKind.String ? written.GetString()! : value.ToString()!;
            valueByName.TryAdd(name, value);
            nameByValue.TryAdd(value, name);
        }

        All = [.. nameByValue.Values];
        Requirement = "must be one of: " + string.Join(", ", All);
    }

    /// <summary>In the order they are declared.</summary>
    public IReadOnlyList<string> All { get; }

    /// <summary>What to tell a client that sent something else.</summary>
    public string Requirement { get; }

    public static EnumNames Of(Type type) => Known.GetOrAdd(type, static enumType => new EnumNames(enumType));

    public bool TryGetValue(string? name, out object? value)
    {
        value = null;
        return name is not null && valueByName.TryGetValue(name, out value);
    }

    public string? NameOf(object value) => nameByValue.GetValueOrDefault(value);
}

internal sealed class StrictEnumConverter<T>(EnumNames names) : JsonConverter<T>
    where T : struct, Enum
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? Parse(reader.GetString()) : throw new JsonException(names.Requirement);

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(Name(value));

    public override T ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Parse(reader.GetString());

    public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WritePropertyName(Name(value));

    private T Parse(string? text) => names.TryGetValue(text, out var value) ? (T)value! : throw new JsonException(names.Requirement);

    private string Name(T value) => names.NameOf(value) ?? throw new JsonException($"{value} is not a value of {typeof(T).Name}.");
}
