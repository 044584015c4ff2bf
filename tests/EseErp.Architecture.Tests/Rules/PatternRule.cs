using System.Text.RegularExpressions;
using EseErp.Architecture.Tests.Reading;
using Mono.Cecil;

namespace EseErp.Architecture.Tests.Rules;

/// <summary>A pattern ends with <c>\z</c> and not with <c>$</c>, which also matches before a last line feed; it begins with <c>\A</c>.</summary>
internal static partial class PatternRule
{
    public static IEnumerable<string> Faults(TypeDefinition type) => TypeUses.WithNested(type)
        .SelectMany(own => own.Properties.Cast<ICustomAttributeProvider>().Concat(own.Methods).Concat(own.Methods.SelectMany(method => method.Parameters)))
        .SelectMany(member => member.CustomAttributes)
        .Where(attribute => attribute.AttributeType.Name is "RegularExpressionAttribute" or "GeneratedRegexAttribute")
        .Select(attribute => (string)attribute.ConstructorArguments[0].Value)
        .Where(pattern => EscapesAndClasses().Replace(pattern, "").IndexOfAny(['^', '$']) >= 0)
        .Select(pattern => $"{type.FullName} has the pattern {pattern}");

    [GeneratedRegex(@"\\.|\[\^?\]?[^\]]*\]")]
    private static partial Regex EscapesAndClasses();
}
