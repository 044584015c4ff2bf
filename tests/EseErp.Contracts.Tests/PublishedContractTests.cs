using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using EseErp.EventStore;

namespace EseErp.Contracts.Tests;

/// <summary>
/// A published event never changes: what is in the logs must be readable for ever. Each contract has a file with its shape and
/// a recorded sample. A changed contract fails here; a change that is meant is a new record with the next version. For a new
/// contract the file is written by running the tests with <c>ESE_RECORD_CONTRACTS=1</c>, and committed.
/// </summary>
public sealed class PublishedContractTests
{
    private static readonly string Published = typeof(PublishedContractTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(entry => entry.Key == nameof(Published)).Value!;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static TheoryData<string> Names => [.. EventContracts.All.Keys.Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Should_keep_the_shape_it_was_published_with(string name)
    {
        var contract = EventContracts.All[name];
        var shape = Shape.Of(contract, EventJson.Options);
        if (Environment.GetEnvironmentVariable("ESE_RECORD_CONTRACTS") == "1" && !File.Exists(PathOf(name))) Record(name, contract, shape);
        File.Exists(PathOf(name)).ShouldBeTrue($"{name} has no file in Published; see the summary of this class.");
        shape.ToJsonString(Indented).ShouldBe(Read(name)["shape"]!.ToJsonString(Indented), "A published contract must not change; make a new version of it.");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Should_still_read_what_was_recorded(string name)
    {
        var sample = Read(name)["sample"]!;
        var fact = JsonSerializer.Deserialize(sample.ToJsonString(), EventContracts.All[name], EventJson.Options)!;
        JsonNode.DeepEquals(JsonSerializer.SerializeToNode(fact, fact.GetType(), EventJson.Options), sample).ShouldBeTrue($"{name} loses something of {sample}");
    }

    [Fact]
    public void Should_not_forget_a_published_contract() =>
        Directory.EnumerateFiles(Published, "*.json").Select(Path.GetFileNameWithoutExtension).Except(EventContracts.All.Keys).ShouldBeEmpty();

    [Fact]
    public void Should_notice_a_changed_contract()
    {
        var before = Shape.Of(typeof(Before), EventJson.Options).ToJsonString();
        foreach (var changed in new[] { typeof(Renamed), typeof(Retyped), typeof(Nullable), typeof(Optional), typeof(OtherWords), typeof(More) })
            Shape.Of(changed, EventJson.Options).ToJsonString().ShouldNotBe(before, changed.Name);
    }

    private static string PathOf(string name) => Path.Combine(Published, name + ".json");

    private static JsonNode Read(string name) => JsonNode.Parse(File.ReadAllText(PathOf(name)))!;

    private static void Record(string name, Type contract, JsonObject shape) => File.WriteAllText(PathOf(name), new JsonObject
    {
        ["shape"] = shape.DeepClone(),
        ["sample"] = JsonSerializer.SerializeToNode(Samples.Of(contract), contract, EventJson.Options),
    }.ToJsonString(Indented) + "\n");

    private sealed record Before(string ReturnId, DayOfWeek Day, decimal Amount);

    private sealed record Renamed(string Id, DayOfWeek Day, decimal Amount);

    private sealed record Retyped(string ReturnId, DayOfWeek Day, int Amount);

    private sealed record Nullable(string ReturnId, DayOfWeek Day, decimal? Amount);

    private sealed record Optional(string ReturnId, DayOfWeek Day, decimal Amount = 0);

    private sealed record OtherWords(string ReturnId, DateTimeKind Day, decimal Amount);

    private sealed record More(string ReturnId, DayOfWeek Day, decimal Amount, string Currency);
}
