using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Metadata;

namespace EseErp.ServiceDefaults;

/// <summary>The name a client knows a parameter by.</summary>
internal static class BoundName
{
    public static string? Of(ICustomAttributeProvider parameter)
    {
        var attributes = parameter.GetCustomAttributes(inherit: false);
        return attributes.OfType<IFromQueryMetadata>().FirstOrDefault()?.Name
            ?? attributes.OfType<IFromRouteMetadata>().FirstOrDefault()?.Name
            ?? attributes.OfType<IFromHeaderMetadata>().FirstOrDefault()?.Name;
    }

    public static string Of(ParameterInfo parameter) =>
        Of((ICustomAttributeProvider)parameter) ?? JsonNamingPolicy.CamelCase.ConvertName(parameter.Name ?? string.Empty);

    public static string Of(PropertyInfo property) =>
        Of((ICustomAttributeProvider)property) ?? JsonNamingPolicy.CamelCase.ConvertName(property.Name);
}
