using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using EseErp.EventStore;

namespace EseErp.Contracts.Tests;

/// <summary>
/// What is in the logs must be readable for ever. The JSON Schema of each event, with recorded samples among its <c>examples</c>, is in
/// <c>contracts/schemas</c>. A changed contract fails here. It may grow by an optional member (<c>string? Note = null</c>, see
/// <see cref="SchemaGrowth"/>); any other change is a new record with the next version and an upcaster. For a new contract, and for one that
/// has grown, the file is written by running the tests with <c>ESE_RECORD_CONTRACTS=1</c>, and committed.
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
        if (Environment.GetEnvironmentVariable("ESE_RECORD_CONTRACTS") == "1") Record(name, schema);
        File.Exists(PathOf(name)).ShouldBeTrue($"{name} has no file in contracts/schemas; see the summary of this class.");
        var published = Read(name);
        published.Remove("examples");
        var faults = SchemaGrowth.Faults(published, schema).ToList();
        schema.ToJsonString(Indented).ShouldBe(
            published.ToJsonString(Indented),
            faults.Count == 0
                ? "It has grown by an optional member; run this test with ESE_RECORD_CONTRACTS=1 and commit the file."
                : $"A published contract must not change; make a new version of it. {string.Join("; ", faults)}.");
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
            var read = JsonSerializer.SerializeToNode(fact, fact.GetType(), EventJson.Options)!.AsObject();
            LeaveOutWhatIsNew(read, sample!.AsObject());
            JsonNode.DeepEquals(read, sample).ShouldBeTrue($"{name} loses something of {sample}");
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
    public void Should_let_a_contract_grow_by_what_may_be_left_out()
    {
        var before = EventSchema.Of("any", typeof(Before));
        SchemaGrowth.Faults(before, EventSchema.Of("any", typeof(Grown))).ShouldBeEmpty();
        SchemaGrowth.Faults(EventSchema.Of("any", typeof(Outer<Before>)), EventSchema.Of("any", typeof(Outer<Grown>))).ShouldBeEmpty();
        foreach (var changed in new[] { typeof(Renamed), typeof(Retyped), typeof(Nullable), typeof(Optional), typeof(OtherWords), typeof(More), typeof(GrownTooFar) })
        {
            SchemaGrowth.Faults(before, EventSchema.Of("any", changed)).ShouldNotBeEmpty(changed.Name);
            SchemaGrowth.Faults(EventSchema.Of("any", typeof(Outer<Before>)), EventSchema.Of("any", typeof(Outer<>).MakeGenericType(changed))).ShouldNotBeEmpty(changed.Name);
        }
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
        var examples = new JsonArray();
        if (File.Exists(PathOf(name)))
        {
            var published = Read(name);
            examples = published["examples"]!.DeepClone().AsArray();
            published.Remove("examples");
            // What has not grown is left as it is, and what has changed otherwise is for the test to refuse.
            if (JsonNode.DeepEquals(published, schema) || SchemaGrowth.Faults(published, schema).Any()) return;
        }

        examples.Add(JsonSerializer.SerializeToNode(Samples.Of(contract), contract, EventJson.Options));
        recorded["examples"] = examples;
        File.WriteAllText(PathOf(name), recorded.ToJsonString(Indented) + "\n");
    }

    // Members that came later are null when an event from before is read.
    private static void LeaveOutWhatIsNew(JsonObject read, JsonObject sample)
    {
        foreach (var name in read.Where(member => member.Value is null && !sample.ContainsKey(member.Key)).Select(member => member.Key).ToList()) read.Remove(name);
        foreach (var (name, member) in read)
            if (member is JsonObject inner && sample[name] is JsonObject then) LeaveOutWhatIsNew(inner, then);
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

    private sealed record Grown(string ReturnId, Words Day, decimal Amount, string? Note = null);

    private sealed record GrownTooFar(string ReturnId, Words Day, decimal Amount, int Count = 0);

    private sealed record Outer<T>(string ReturnId, T Inner);

    private sealed record More(string ReturnId, Words Day, decimal Amount, string Currency);
}
