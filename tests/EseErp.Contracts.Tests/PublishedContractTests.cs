using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using EseErp.EventStore;

namespace EseErp.Contracts.Tests;

/// <summary>
/// A published event never changes: what is in the logs must be readable for ever. The JSON Schema of each, with a recorded
/// sample among its <c>examples</c>, is in <c>contracts/schemas</c>. A changed contract fails here; a change that is meant is a
/// new record with the next version and an upcaster. For a new contract the file is written by running the tests with
/// <c>ESE_RECORD_CONTRACTS=1</c>, and committed.
/// </summary>
public sealed class PublishedContractTests
{
    private static readonly string Schemas = typeof(PublishedContractTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(entry => entry.Key == nameof(Schemas)).Value!;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly EventTypes Types = new(EventContracts.All, EventContracts.Upcasters);

    public static TheoryData<string> Names => [.. EventContracts.All.Keys.Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Should_keep_the_schema_it_was_published_with(string name)
    {
        var schema = EventSchema.Of(name, EventContracts.All[name]);
        if (Environment.GetEnvironmentVariable("ESE_RECORD_CONTRACTS") == "1" && !File.Exists(PathOf(name))) Record(name, schema);
        File.Exists(PathOf(name)).ShouldBeTrue($"{name} has no file in contracts/schemas; see the summary of this class.");
        var published = Read(name);
        published.Remove("examples");
        schema.ToJsonString(Indented).ShouldBe(published.ToJsonString(Indented), "A published contract must not change; make a new version of it.");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Should_still_read_what_was_recorded(string name)
    {
        var samples = Read(name)["examples"]!.AsArray();
        samples.ShouldNotBeEmpty();
        foreach (var sample in samples)
        {
            var fact = JsonSerializer.Deserialize(sample!.ToJsonString(), EventContracts.All[name], EventJson.Options)!;
            JsonNode.DeepEquals(JsonSerializer.SerializeToNode(fact, fact.GetType(), EventJson.Options), sample).ShouldBeTrue($"{name} loses something of {sample}");
            // And whoever consumes the fact gets it in the newest version, whichever that is.
            Types.NamesOf(Types.Read(name, sample.ToJsonString())!.GetType()).ShouldContain(name);
        }
    }

    [Fact]
    public void Should_read_every_version_that_was_ever_published_as_the_newest() =>
        Versions.Faults(EventContracts.All, EventContracts.Upcasters, Directory.EnumerateFiles(Schemas, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)))
            .ShouldBeEmpty();

    [Fact]
    public void Should_notice_a_changed_contract()
    {
        var before = EventSchema.Of("any", typeof(Before)).ToJsonString();
        foreach (var changed in new[] { typeof(Renamed), typeof(Retyped), typeof(Nullable), typeof(Optional), typeof(OtherWords), typeof(More) })
            EventSchema.Of("any", changed).ToJsonString().ShouldNotBe(before, changed.Name);
    }

    [Fact]
    public void Should_notice_an_enum_that_is_published_as_a_number() =>
        Should.Throw<InvalidOperationException>(() => EventSchema.Of("any", typeof(Numbered))).Message.ShouldContain("as a number");

    private static string PathOf(string name) => Path.Combine(Schemas, name + ".json");

    private static JsonObject Read(string name) => JsonNode.Parse(File.ReadAllText(PathOf(name)))!.AsObject();

    private static void Record(string name, JsonObject schema)
    {
        var recorded = schema.DeepClone().AsObject();
        var contract = EventContracts.All[name];
        recorded["examples"] = new JsonArray(JsonSerializer.SerializeToNode(Samples.Of(contract), contract, EventJson.Options));
        File.WriteAllText(PathOf(name), recorded.ToJsonString(Indented) + "\n");
    }

    [JsonConverter(typeof(JsonStringEnumConverter<Words>))]
    private enum Words
    {
        One,
        Two,
    }

    [JsonConverter(typeof(JsonStringEnumConverter<WordsAndMore>))]
    private enum WordsAndMore
    {
        One,
        Two,
        Three,
    }

    private sealed record Numbered(string ReturnId, DayOfWeek Day);

    private sealed record Before(string ReturnId, Words Day, decimal Amount);

    private sealed record Renamed(string Id, Words Day, decimal Amount);

    private sealed record Retyped(string ReturnId, Words Day, int Amount);

    private sealed record Nullable(string ReturnId, Words Day, decimal? Amount);

    private sealed record Optional(string ReturnId, Words Day, decimal Amount = 0);

    private sealed record OtherWords(string ReturnId, WordsAndMore Day, decimal Amount);

    private sealed record More(string ReturnId, Words Day, decimal Amount, string Currency);
}
