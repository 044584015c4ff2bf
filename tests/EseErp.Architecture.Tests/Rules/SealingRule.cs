using EseErp.Architecture.Tests.Reading;
using Mono.Cecil;

namespace EseErp.Architecture.Tests.Rules;

/// <summary>A class is sealed, or abstract because it is meant to be derived from.</summary>
internal static class SealingRule
{
    public static IEnumerable<string> Faults(TypeDefinition type) => TypeUses.WithNested(type)
        .Where(own => own is { IsClass: true, IsValueType: false, IsSealed: false, IsAbstract: false } && !IsGenerated(own))
        .Select(own => $"{own.FullName} is neither sealed nor abstract");

    // Also the class of a Program.cs that consists of statements.
    private static bool IsGenerated(TypeDefinition type) =>
        type.Name.Contains('<', StringComparison.Ordinal)
        || type.Namespace.EndsWith(".Migrations", StringComparison.Ordinal)
        || type.CustomAttributes.Any(attribute => attribute.AttributeType.Name is "CompilerGeneratedAttribute" or "GeneratedCodeAttribute")
        || type.Methods.Any(method => method.Name == "<Main>$")
        || (type.DeclaringType is { } declaring && IsGenerated(declaring));
}
