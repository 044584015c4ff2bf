using System.Text.Json;

namespace EseErp.Registry.Tests;

public sealed class SchemaTests
{
    private static readonly EntitySchema Newest = EntitySchema.Embedded(typeof(SchemaTests).Assembly, "machines")[^1];

    [Theory]
    [InlineData("""{"code":"M-1","name":"Lathe"}""")]
    [InlineData("""{"code":"M-1","name":"Lathe","price":0,"boughtOn":null,"state":"Idle","size":{"width":5,"height":null},"tools":[{"name":"x","wear":0.5}]}""")]
    [InlineData("""{"code":"M-1","name":"𐍈𐍈","boughtOn":"2026-02-28"}""")]
    public void Should_accept(string document) => Faults(document).ShouldBeEmpty();

    [Theory]
    [InlineData("""[]""", "body", "must be a JSON object")]
    [InlineData("""null""", "body", "must not be null")]
    [InlineData("""{"code":"M-1"}""", "name", "is required")]
    [InlineData("""{"code":"M 1","name":"Lathe"}""", "code", "must match ^[A-Za-z0-9-]+$")]
    [InlineData("""{"code":"M-1\n","name":"Lathe"}""", "code", "must match ^[A-Za-z0-9-]+$")]
    [InlineData("""{"code":"M-1","name":" Lathe"}""", "name", "must not be blank nor begin or end with white space")]
    [InlineData("""{"code":"M-1","name":""}""", "name", "must be 1 to 100 characters long")]
    [InlineData("""{"code":"M-1","name":null}""", "name", "must not be null")]
    [InlineData("""{"code":"M-1","name":5}""", "name", "must be text")]
    [InlineData("""{"code":"M-1","name":"\ud800"}""", "name", "must be text without half characters")]
    [InlineData("""{"code":"M-1","name":"Lathe","price":-1}""", "price", "must be from 0 to 1000000")]
    [InlineData("""{"code":"M-1","name":"Lathe","price":1e400}""", "price", "must be a number in range")]
    [InlineData("""{"code":"M-1","name":"Lathe","price":"1"}""", "price", "must be a number in range")]
    [InlineData("""{"code":"M-1","name":"Lathe","boughtOn":"2026-02-30"}""", "boughtOn", "must be a date such as 2026-11-20")]
    [InlineData("""{"code":"M-1","name":"Lathe","state":"idle"}""", "state", "must be one of: Running, Idle")]
    [InlineData("""{"code":"M-1","name":"Lathe","size":{"width":1.5}}""", "size.width", "must be a whole number in range")]
    [InlineData("""{"code":"M-1","name":"Lathe","size":{}}""", "size.width", "is required")]
    [InlineData("""{"code":"M-1","name":"Lathe","tools":[{"name":"x"},{"wear":1}]}""", "tools[1].name", "is required")]
    [InlineData("""{"code":"M-1","name":"Lathe","tools":[{"name":"x"},{"name":"x"},{"name":"x"},{"name":"x"}]}""", "tools", "must have at most 3 items")]
    [InlineData("""{"code":"M-1","name":"Lathe","colour":"red"}""", "colour", "is not a known field")]
    [InlineData("""{"code":"M-1","name":"Lathe","name":"Mill"}""", "name", "is given more than once")]
    public void Should_name_the_field_and_the_reason(string document, string field, string reason) =>
        Faults(document).ShouldBe(new Dictionary<string, string> { [field] = reason });

    [Theory]
    [InlineData("""{"name":null,"size":{"width":null}}""")]
    [InlineData("""{}""")]
    public void Should_let_a_patch_remove_and_leave_out(string patch) => PatchFaults(patch).ShouldBeEmpty();

    [Theory]
    [InlineData("""null""", "body")]
    [InlineData("""{"name":7}""", "name")]
    [InlineData("""{"colour":null}""", "colour")]
    [InlineData("""{"tools":[null]}""", "tools[0]")]
    [InlineData("""{"tools":[{}]}""", "tools[0].name")]
    public void Should_find_what_no_document_could_be_patched_with(string patch, string field) => PatchFaults(patch).Keys.ShouldBe([field]);

    [Theory]
    [InlineData("""{"type":"object","additionalProperties":false,"properties":{"a":{"type":"string","minimum":1,"multipleOf":2}}}""")]
    [InlineData("""{"type":"object","additionalProperties":false,"properties":{"a":{"type":"string","format":"email"}}}""")]
    [InlineData("""{"type":"object","additionalProperties":true}""")]
    [InlineData("""{"type":"object"}""")]
    [InlineData("""{"type":"thing"}""")]
    public void Should_refuse_a_schema_that_promises_what_is_not_checked(string schema) =>
        Should.Throw<InvalidOperationException>(() => EntitySchema.Of("machines", 1, schema));

    [Fact]
    public void Should_keep_every_version_of_a_schema()
    {
        var versions = EntitySchema.Embedded(typeof(SchemaTests).Assembly, "machines");
        versions.Select(schema => schema.Version).ShouldBe([1, 2]);
        versions[0].Json.GetProperty("$id").GetString().ShouldBe("/registry/machines/schema?version=1");
        Should.Throw<InvalidOperationException>(() => EntitySchema.Embedded(typeof(SchemaTests).Assembly, "boats"));
    }

    private static Dictionary<string, string> Faults(string document)
    {
        var faults = new Faults();
        using var json = JsonDocument.Parse(document);
        Newest.Check(json.RootElement, faults);
        return faults.ToDictionary().ToDictionary(fault => fault.Key, fault => fault.Value[0]);
    }

    private static Dictionary<string, string> PatchFaults(string patch)
    {
        var faults = new Faults();
        using var json = JsonDocument.Parse(patch);
        Newest.CheckPatch(json.RootElement, faults);
        return faults.ToDictionary().ToDictionary(fault => fault.Key, fault => fault.Value[0]);
    }
}
