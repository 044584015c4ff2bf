using EseErp.Architecture.Tests.Reading;
using EseErp.Architecture.Tests.Rules;
using Mono.Cecil;

namespace EseErp.Architecture.Tests;

/// <summary>Which service hears of which fact, as docs/events.md shows it: read from the consumers, so that it is true.</summary>
public sealed class EventTableTests
{
    private const string Document = "docs/events.md";

    [Fact]
    public void Should_be_in_the_document_as_the_services_subscribe()
    {
        var table = Table(Repository.Contracts.Types, Repository.Services).ToList();
        table.Count.ShouldBeGreaterThan(30);
        var told = File.ReadAllLines(Path.Combine(Repository.Root, Document)).Where(line => line.StartsWith('|'));
        told.ShouldBe(table, $"The table in {Document} is to read:\n{string.Join('\n', table)}\n");
    }

    private static IEnumerable<string> Table(IReadOnlyCollection<TypeDefinition> contracts, IReadOnlyCollection<Project> services)
    {
        var columns = services.Select(service => (Name: service.Name.Split('.')[^1], Consumed: Consumed(service))).OrderBy(service => Place(service.Name)).ToList();
        yield return $"| fact | contract of | {string.Join(" | ", columns.Select(column => Words(column.Name)))} |";
        yield return $"|---|---|{string.Concat(columns.Select(_ => "---|"))}";
        var superseded = contracts.SelectMany(NextVersions).ToHashSet();
        var facts = EventContractRules.Events(contracts).Where(fact => !superseded.Contains(fact.FullName))
            .OrderBy(fact => Place(Team(fact))).ThenBy(fact => EventContractRules.WireName(fact), StringComparer.Ordinal);
        foreach (var fact in facts)
            yield return $"| `{EventContractRules.WireName(fact)}` | {Words(Team(fact))} | {string.Join(" | ", columns.Select(column => column.Consumed.Contains(fact.FullName) ? "●" : ""))} |";
    }

    private static HashSet<string> Consumed(Project service) => [.. service.Types.Where(ConsumerRules.IsConsumer)
        .SelectMany(consumer => consumer.Interfaces)
        .Select(implemented => implemented.InterfaceType).OfType<GenericInstanceType>()
        .Where(implemented => implemented.ElementType.FullName == "MassTransit.IConsumer`1")
        .Select(implemented => implemented.GenericArguments.Single().FullName)];

    // The versions before this one: consumers see the newest only.
    private static IEnumerable<string> NextVersions(TypeDefinition contract) => contract.Interfaces
        .Select(implemented => implemented.InterfaceType).OfType<GenericInstanceType>()
        .Where(implemented => implemented.ElementType.Name == "INextVersionOf`2")
        .Select(implemented => implemented.GenericArguments[0].FullName);

    private static string Team(TypeDefinition fact) => fact.Namespace.Split('.')[^1];

    // As a return goes; what is new comes last.
    private static int Place(string team) => Array.IndexOf(["UserSupport", "Sales", "Inventory", "Manufacturing", "Accounting", "Tracking"], team) is var place and >= 0 ? place : int.MaxValue;

    private static string Words(string team) => team == "DeadLetters" ? "every service" : string.Concat(team.Select((letter, index) => index > 0 && char.IsUpper(letter) ? $" {letter}" : $"{letter}"));
}
