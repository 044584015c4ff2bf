using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EseErp.Contracts.Tests;

/// <summary>
/// What a contract looks like in JSON: names, types, what may be null or left out, and the words of its enums. Of our own, as
/// the schema library at hand is older than required constructor parameters and the string enums used here.
/// </summary>
internal static class Shape
{
    private static readonly NullabilityInfoContext Nullability = new();

    public static JsonObject Of(Type contract, JsonSerializerOptions json)
    {
        var parameters = contract.GetConstructors().Single(constructor => constructor.GetParameters().Length > 0).GetParameters();
        return new JsonObject(parameters.Select(parameter => KeyValuePair.Create<string, JsonNode?>(
            JsonNamingPolicy.CamelCase.ConvertName(parameter.Name!) + (parameter.HasDefaultValue ? "?" : ""),
            Member(parameter.ParameterType, Nullability.Create(parameter).ReadState == NullabilityState.Nullable, json))));
    }

    private static JsonNode Member(Type type, bool nullable, JsonSerializerOptions json)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying) return Member(underlying, true, json);
        var suffix = nullable ? " or null" : "";
        if (type.IsEnum) return "one of " + string.Join(", ", Enum.GetValuesAsUnderlyingType(type).Cast<object>()
            .Select(value => JsonSerializer.Serialize(Enum.ToObject(type, value), type, json).Trim('"'))) + suffix;
        if (type == typeof(string)) return "text" + suffix;
        if (type == typeof(int) || type == typeof(long)) return "whole number" + suffix;
        if (type == typeof(decimal)) return "number" + suffix;
        if (type == typeof(bool)) return "true or false" + suffix;
        if (type == typeof(DateTimeOffset)) return "time" + suffix;
        if (type == typeof(Guid)) return "uuid" + suffix;
        if (typeof(IEnumerable).IsAssignableFrom(type)) return new JsonArray(Member(type.GetGenericArguments().Single(), false, json));
        var members = Of(type, json);
        if (nullable) members["(may be null)"] = true;
        return members;
    }
}
