using System.Text.RegularExpressions;
using Mono.Cecil;

namespace EseErp.Architecture.Tests.Rules;

/// <summary>What every published event has in common.</summary>
internal static partial class EventContractRules
{
    public static IEnumerable<TypeDefinition> Events(IEnumerable<TypeDefinition> types) => types.Where(type => WireName(type) is not null);

    public static string? WireName(TypeDefinition type) => type.CustomAttributes
        .FirstOrDefault(attribute => attribute.AttributeType.FullName == "EseErp.Contracts.EventTypeAttribute")
        ?.ConstructorArguments.Single().Value as string;

    public static IEnumerable<string> Faults(TypeDefinition type)
    {
        var name = WireName(type)!;
        if (!type.IsSealed) yield return $"{type.FullName} is not sealed";
        if (!type.IsPublic) yield return $"{type.FullName} is not public";
        if (Name().Match(name) is not { Success: true } match)
            yield return $"{type.FullName} has the wire name '{name}', which is not ese.<team>.<fact>.v<n>";
        else if (match.Groups["team"].Value != Kebab(type.Namespace.Split('.')[^1]))
            yield return $"{type.FullName} has the wire name '{name}' of another team";
        // The key it is published with comes first: what is said of a model concerns no return, and a dead letter may have any key.
        var key = type.Properties.FirstOrDefault(property => property.GetMethod.IsPublic);
        if (key is not { Name: "ReturnId" or "ValuationId" or "Sku" or "Key", PropertyType.FullName: "System.String" }) yield return $"{type.FullName} has no ReturnId";
        foreach (var property in type.Properties.Where(property => property.SetMethod is not null && !IsInitOnly(property.SetMethod)))
            yield return $"{type.FullName}.{property.Name} can be changed";
    }

    public static IEnumerable<string> Duplicates(IEnumerable<TypeDefinition> events) => events
        .GroupBy(WireName)
        .Where(same => same.Count() > 1)
        .Select(same => $"'{same.Key}' is the wire name of {string.Join(" and ", same.Select(type => type.FullName))}");

    private static bool IsInitOnly(MethodDefinition setter) =>
        setter.ReturnType is RequiredModifierType modified && modified.ModifierType.FullName == "System.Runtime.CompilerServices.IsExternalInit";

    private static string Kebab(string name) => Capital().Replace(name, "-$0").ToLowerInvariant();

    [GeneratedRegex(@"\Aese\.(?<team>[a-z-]+)\.[a-z-]+\.v\d+\z")]
    private static partial Regex Name();

    [GeneratedRegex(@"(?<!\A)[A-Z]")]
    private static partial Regex Capital();
}
