using EseErp.Architecture.Tests.Reading;
using EseErp.Architecture.Tests.Rules;

namespace EseErp.Architecture.Tests;

/// <summary>What every published event has in common.</summary>
public sealed class EventContractTests
{
    private static string Samples => "EseErp.Contracts.Sales.Samples";

    [Fact]
    public void Should_publish_sealed_facts_that_are_named_after_their_team_and_return()
    {
        var events = EventContractRules.Events(Repository.Contracts.Types).ToList();
        events.Count.ShouldBeGreaterThan(20);
        events.SelectMany(EventContractRules.Faults).ShouldBeEmpty();
        EventContractRules.Duplicates(events).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("UnsealedFact", "is not sealed", "is not public", "of another team")]
    [InlineData("FactOfAnotherTeam", "of another team")]
    [InlineData("BadlyNamedFact", "which is not ese.<team>.<fact>.v<n>")]
    [InlineData("FactWithoutReturn", "has no ReturnId")]
    [InlineData("ChangeableFact", "Note can be changed")]
    [InlineData("FirstOfTwo")]
    public void Should_notice_a_badly_made_event(string sample, params string[] endings)
    {
        var faults = EventContractRules.Faults(Repository.Samples.MainModule.GetType($"{Samples}.{sample}")).ToList();
        faults.Count.ShouldBe(endings.Length, string.Join('\n', faults));
        foreach (var ending in endings) faults.ShouldContain(fault => fault.EndsWith(ending));
    }

    [Fact]
    public void Should_notice_a_wire_name_that_is_given_twice() =>
        EventContractRules.Duplicates(EventContractRules.Events(Repository.Samples.MainModule.Types))
            .ShouldBe([$"'ese.samples.twice.v1' is the wire name of {Samples}.FirstOfTwo and {Samples}.SecondOfTwo"]);
}
