using System.Collections;

namespace EseErp.Contracts.Tests;

/// <summary>A value of a contract with something in every member.</summary>
internal static class Samples
{
    public static object Of(Type type, string name = "")
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string)) return name == "ReturnId" ? "RMA-2026-000123" : $"a {name}";
        if (type == typeof(decimal)) return 119.90m;
        if (type == typeof(int)) return 7;
        if (type == typeof(long)) return 7L;
        if (type == typeof(bool)) return true;
        if (type == typeof(DateTimeOffset)) return new DateTimeOffset(2026, 11, 20, 15, 42, 34, TimeSpan.Zero);
        if (type == typeof(Guid)) return Guid.Parse("01a1f9f6-66be-7973-bf64-3bca8f9556fe");
        // The last word, so that a reader which falls back to the first one is found out.
        if (type.IsEnum) return Enum.GetValues(type).Cast<object>().Last();
        if (typeof(IEnumerable).IsAssignableFrom(type)) return List(type.GetGenericArguments().Single());
        var constructor = type.GetConstructors().Single(constructor => constructor.GetParameters().Length > 0);
        return constructor.Invoke([.. constructor.GetParameters().Select(parameter => Of(parameter.ParameterType, parameter.Name!))]);
    }

    private static Array List(Type element)
    {
        var list = Array.CreateInstance(element, 1);
        list.SetValue(Of(element), 0);
        return list;
    }
}
