using EseErp.Architecture.Tests.Reading;
using Mono.Cecil;

namespace EseErp.Architecture.Tests.Rules;

/// <summary>Who may know whom.</summary>
internal static class ReferenceRules
{
    private const string Traditional = "EseErp.UserSupport.Traditional";

    private static readonly string[] OtherTeams =
        ["EseErp.Contracts.Sales", "EseErp.Contracts.Inventory", "EseErp.Contracts.Manufacturing", "EseErp.Contracts.Accounting"];

    public static IEnumerable<string> ForbiddenReferences(string name, IEnumerable<string> knows, IEnumerable<string> forbidden) =>
        knows.Intersect(forbidden).Except([name]).Select(known => $"{name} references {known}");

    /// <summary>User Support may use other teams' contracts in one namespace only.</summary>
    public static IEnumerable<string> OtherTeamsOutsideTraditional(TypeDefinition type) =>
        IsTraditional(type)
            ? []
            : TypeUses.Of(type)
                .Where(used => OtherTeams.Any(team => used.StartsWith(team + ".", StringComparison.Ordinal)))
                .Select(used => $"{type.FullName} uses {used}");

    /// <summary>Traditional mode can be taken out of User Support: nothing else there knows it.</summary>
    public static IEnumerable<string> TraditionalOutsideTraditional(TypeDefinition type) =>
        IsTraditional(type) ? [] : TypeUses.Of(type).Where(used => used.StartsWith(Traditional + ".", StringComparison.Ordinal)).Select(used => $"{type.FullName} uses {used}");

    /// <summary>The same in the sources: the compiler leaves no trace of a constant or a nameof.</summary>
    public static IEnumerable<string> OtherTeamsNamed(string file, IEnumerable<string> lines) => lines
        .Select((line, index) => (line, number: index + 1))
        .Where(at => OtherTeams.Any(team => at.line.Contains(team, StringComparison.Ordinal)))
        .Select(at => $"{file}:{at.number} names another team's contracts");

    private static bool IsTraditional(TypeDefinition type) =>
        type.Namespace == Traditional || type.Namespace.StartsWith(Traditional + ".", StringComparison.Ordinal);

    public static bool IncludesTraditionalEvents(TypeDefinition type) =>
        TypeUses.Calls(type).Any(call => call.Name == "IncludeTraditional" && call.DeclaringType.Name == "Subscriptions");
}
