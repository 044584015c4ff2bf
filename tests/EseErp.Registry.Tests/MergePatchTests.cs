using System.Text.Json.Nodes;

namespace EseErp.Registry.Tests;

public sealed class MergePatchTests
{
    /// <summary>RFC 7396, appendix A, in its order.</summary>
    [Theory]
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"b":"c"}""", """{"a":"b","b":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"a":null}""", """{}""")]
    [InlineData("""{"a":"b","b":"c"}""", """{"a":null}""", """{"b":"c"}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"c"}""", """{"a":["b"]}""", """{"a":["b"]}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""{"a":[{"b":"c"}]}""", """{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("""["a","b"]""", """["c","d"]""", """["c","d"]""")]
    [InlineData("""{"a":"b"}""", """["c"]""", """["c"]""")]
    [InlineData("""{"a":"foo"}""", """null""", """null""")]
    [InlineData("""{"a":"foo"}""", "\"bar\"", "\"bar\"")]
    [InlineData("""{"e":null}""", """{"a":1}""", """{"e":null,"a":1}""")]
    [InlineData("""[1,2]""", """{"a":"b","c":null}""", """{"a":"b"}""")]
    [InlineData("""{}""", """{"a":{"bb":{"ccc":null}}}""", """{"a":{"bb":{}}}""")]
    public void Should_do_as_RFC_7396_shows(string target, string patch, string result)
    {
        var (before, change) = (JsonNode.Parse(target), JsonNode.Parse(patch));
        JsonNode.DeepEquals(MergePatch.Apply(before, change), JsonNode.Parse(result)).ShouldBeTrue();
        JsonNode.DeepEquals(before, JsonNode.Parse(target)).ShouldBeTrue("the target stays as it is");
        JsonNode.DeepEquals(change, JsonNode.Parse(patch)).ShouldBeTrue("the patch stays as it is");
    }
}
