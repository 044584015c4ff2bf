using EseErp.EventStore;

namespace EseErp.Contracts.Tests;

/// <summary>How a fact changes: with contracts of the test's own, as no published one has a second version yet.</summary>
public sealed class UpcasterTests
{
    private static readonly Type[] Chain = [typeof(Weighed), typeof(WeighedV2), typeof(WeighedV3)];

    [Theory]
    [InlineData("ese.samples.weighed.v1", """{"returnId":"RMA-1","kilograms":2}""", "unknown", 2000)]
    [InlineData("ese.samples.weighed.v2", """{"returnId":"RMA-1","kilograms":2,"scale":"S-7"}""", "S-7", 2000)]
    [InlineData("ese.samples.weighed.v3", """{"returnId":"RMA-1","grams":2001,"scale":"S-7"}""", "S-7", 2001)]
    public void Should_read_every_version_as_the_newest(string name, string data, string scale, int grams) =>
        Types(Chain).Read(name, data).ShouldBe(new WeighedV3("RMA-1", grams, scale));

    [Fact]
    public void Should_know_every_name_a_fact_was_published_under() =>
        Types(Chain).NamesOf(typeof(WeighedV3)).Order().ShouldBe(["ese.samples.weighed.v1", "ese.samples.weighed.v2", "ese.samples.weighed.v3"]);

    [Theory]
    [InlineData(typeof(Weighed))]
    [InlineData(typeof(WeighedV2))]
    public void Should_neither_record_nor_consume_a_version_that_was_replaced(Type replaced)
    {
        Should.Throw<InvalidOperationException>(() => Types(Chain).NameOf(replaced)).Message.ShouldContain("is replaced by");
        Should.Throw<InvalidOperationException>(() => Types(Chain).NamesOf(replaced).ToList());
    }

    [Fact]
    public void Should_refuse_versions_that_follow_from_each_other() =>
        Should.Throw<ArgumentException>(() => Types([typeof(Hen), typeof(Egg)])).Message.ShouldContain("follows from itself");

    [Fact]
    public void Should_find_no_fault_in_a_chain() => Faults(Chain).ShouldBeEmpty();

    [Fact]
    public void Should_notice_a_new_version_without_an_upcaster() =>
        Faults([typeof(Weighed), typeof(WeighedAnew)]).ShouldBe(["ese.samples.weighed.v1 is not read as ese.samples.weighed.v2, but as Weighed"]);

    [Fact]
    public void Should_notice_a_version_that_is_left_out_of_the_chain() =>
        Faults([typeof(Weighed), typeof(WeighedAnew), typeof(WeighedOnceMore)]).ShouldBe(["ese.samples.weighed.v1 is not read as ese.samples.weighed.v3, but as Weighed"]);

    [Fact]
    public void Should_notice_an_upcaster_into_the_past() =>
        Faults([typeof(Back), typeof(Forth)]).ShouldBe(["ese.samples.back.v2 is not read as ese.samples.back.v2, but as Back", "ese.samples.back.v1 is not read as ese.samples.back.v2, but as Back"], ignoreOrder: true);

    [Fact]
    public void Should_notice_a_version_that_was_published_and_removed() =>
        Versions.Faults(EventContracts.In([typeof(WeighedV2), typeof(WeighedV3)]), EventContracts.UpcastersIn([typeof(WeighedV2), typeof(WeighedV3)]), ["ese.samples.weighed.v1", "ese.samples.weighed.v2"])
            .ShouldBe(["ese.samples.weighed.v1 was published and has no record any more"]);

    private static EventTypes Types(Type[] events) => new(EventContracts.In(events), EventContracts.UpcastersIn(events));

    private static IEnumerable<string> Faults(Type[] events)
    {
        var contracts = EventContracts.In(events);
        return Versions.Faults(contracts, EventContracts.UpcastersIn(events), contracts.Keys);
    }

    [EventType("ese.samples.weighed.v1")]
    private sealed record Weighed(string ReturnId, int Kilograms);

    [EventType("ese.samples.weighed.v2")]
    private sealed record WeighedV2(string ReturnId, int Kilograms, string Scale) : INextVersionOf<Weighed, WeighedV2>
    {
        public static WeighedV2 From(Weighed earlier) => new(earlier.ReturnId, earlier.Kilograms, "unknown");
    }

    [EventType("ese.samples.weighed.v3")]
    private sealed record WeighedV3(string ReturnId, int Grams, string Scale) : INextVersionOf<WeighedV2, WeighedV3>
    {
        public static WeighedV3 From(WeighedV2 earlier) => new(earlier.ReturnId, earlier.Kilograms * 1000, earlier.Scale);
    }

    [EventType("ese.samples.weighed.v2")]
    private sealed record WeighedAnew(string ReturnId, int Pounds);

    [EventType("ese.samples.weighed.v3")]
    private sealed record WeighedOnceMore(string ReturnId, int Ounces) : INextVersionOf<WeighedAnew, WeighedOnceMore>
    {
        public static WeighedOnceMore From(WeighedAnew earlier) => new(earlier.ReturnId, earlier.Pounds * 16);
    }

    [EventType("ese.samples.back.v1")]
    private sealed record Back(string ReturnId) : INextVersionOf<Forth, Back>
    {
        public static Back From(Forth earlier) => new(earlier.ReturnId);
    }

    [EventType("ese.samples.back.v2")]
    private sealed record Forth(string ReturnId);

    [EventType("ese.samples.hen.v1")]
    private sealed record Hen(string ReturnId) : INextVersionOf<Egg, Hen>
    {
        public static Hen From(Egg earlier) => new(earlier.ReturnId);
    }

    [EventType("ese.samples.egg.v1")]
    private sealed record Egg(string ReturnId) : INextVersionOf<Hen, Egg>
    {
        public static Egg From(Hen earlier) => new(earlier.ReturnId);
    }
}
