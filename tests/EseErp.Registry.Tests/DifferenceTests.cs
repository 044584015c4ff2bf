using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace EseErp.Registry.Tests;

public sealed class DifferenceTests
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(500);

    [Fact]
    public void Should_make_the_second_document_from_the_first() => Prop.ForAll(Documents.Pairs, pair =>
    {
        var (before, after) = (Parse(pair.Before), Parse(pair.After));
        var document = Parse(pair.Before);
        Difference.Parse(Difference.Between(before, after).ToJson()).ApplyTo(document);
        JsonNode.DeepEquals(document, after).ShouldBeTrue($"{pair.Before} → {pair.After} became {document.ToJsonString()}");
        JsonNode.DeepEquals(before, Parse(pair.Before)).ShouldBeTrue("comparing changes nothing");
    }).Check(Runs);

    [Fact]
    public void Should_hold_nothing_that_is_not_a_change() => Prop.ForAll(Documents.Pairs, pair =>
    {
        var (before, after) = (Parse(pair.Before), Parse(pair.After));
        var difference = Difference.Between(before, after);
        difference.IsEmpty.ShouldBe(JsonNode.DeepEquals(before, after));
        var changes = difference.Changes(before);
        foreach (var change in changes)
        {
            (change.Before is null && change.After is null).ShouldBeFalse(change.Path);
            if (change is { Before: { } was, After: { } becomes })
            {
                System.Text.Json.JsonElement.DeepEquals(was, becomes).ShouldBeFalse(change.Path);
                // Two objects are told apart by their members, so a whole object is only there when none was before.
                (was.ValueKind == becomes.ValueKind && becomes.ValueKind == System.Text.Json.JsonValueKind.Object).ShouldBeFalse(change.Path);
            }
        }

        // No field is inside another one's change, so leaving any of them out would lose something.
        var paths = changes.Select(change => change.Path).ToList();
        paths.ShouldBeUnique();
        paths.ShouldAllBe(path => !paths.Any(other => path.StartsWith(other + "/")));
    }).Check(Runs);

    [Fact]
    public void Should_undo_by_its_changes() => Prop.ForAll(Documents.Pairs, pair =>
    {
        var (before, after) = (Parse(pair.Before), Parse(pair.After));
        foreach (var change in Difference.Between(before, after).Changes(before))
        {
            if (change.Before is { } was) Pointer.Write(after, change.Path, JsonNode.Parse(was.GetRawText()));
            else Pointer.Remove(after, change.Path);
        }

        JsonNode.DeepEquals(after, before).ShouldBeTrue();
    }).Check(Runs);

    [Theory]
    [InlineData("""{"a":1}""", """{"a":null}""", """{"set":{"/a":null}}""")]
    [InlineData("""{"a":null}""", """{}""", """{"removed":["/a"]}""")]
    [InlineData("""{}""", """{"a":{"b":null}}""", """{"set":{"/a":{"b":null}}}""")]
    [InlineData("""{"a":{"b":1,"c":2}}""", """{"a":{"b":1,"c":3}}""", """{"set":{"/a/c":3}}""")]
    [InlineData("""{"a":[{"b":1},{"b":2}]}""", """{"a":[{"b":1},{"b":3}]}""", """{"set":{"/a/1/b":3}}""")]
    [InlineData("""{"a":[1,2]}""", """{"a":[1,2,3]}""", """{"set":{"/a":[1,2,3]}}""")]
    [InlineData("""{"a":{"b":1}}""", """{"a":{}}""", """{"removed":["/a/b"]}""")]
    [InlineData("""{"a":1.0}""", """{"a":1}""", """{}""")]
    [InlineData("""{"a/b":1,"~":2}""", """{"a/b":3}""", """{"set":{"/a~1b":3},"removed":["/~0"]}""")]
    public void Should_store_the_fields_that_changed(string before, string after, string stored) =>
        Difference.Between(Parse(before), Parse(after)).ToJson().ShouldBe(stored);

    [Fact]
    public void Should_refuse_a_document_it_was_not_made_from() =>
        Should.Throw<InvalidOperationException>(() => Difference.Parse("""{"set":{"/a/b":1}}""").ApplyTo([]));

    private static JsonObject Parse(string text) => JsonNode.Parse(text)!.AsObject();
}
