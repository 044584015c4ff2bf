using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using EseErp.Services.Tests.Api;
using EseErp.Services.Tests.Faults;

namespace EseErp.Services.Tests;

/// <summary>The check itself can fail.</summary>
public sealed class VerdictTests
{
    private const string Problem =
        """{"type":"about:blank","title":"The request is not valid.","status":400,"detail":"sku is required.","instance":"/","traceId":"1","errors":{"sku":["is required"]}}""";

    private static readonly Operation Operation = new(
        "sales", "POST", "/orders", JsonNode.Parse("""{"responses":{"201":{},"400":{},"413":{}}}""")!.AsObject(), []);

    [Theory]
    [InlineData(400, Problem, "sku", null)]
    [InlineData(400, Problem, "orderId", "does not name orderId")]
    [InlineData(201, "{}", "sku", "answered 201 and not refused")]
    [InlineData(500, Problem, "sku", "500: ")]
    [InlineData(404, Problem, "sku", "answered 404, which is not documented")]
    [InlineData(413, Problem, "sku", "the problem has another status")]
    [InlineData(400, "{\"status\":400}", "sku", "the problem has no type")]
    [InlineData(400, "sorry", null, "400 is not JSON")]
    public async Task Should_notice_a_wrong_answer(int status, string body, string? field, string? fault)
    {
        using var answer = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, "application/problem+json") };
        var verdict = await Verdict.Of(new Probe(Operation, "a fault", () => new HttpRequestMessage(), field), answer);
        if (fault is null) verdict.ShouldBeNull();
        else verdict.ShouldNotBeNull().ShouldStartWith(fault);
    }

    [Fact]
    public async Task Should_notice_a_refusal_that_is_no_problem_document()
    {
        using var answer = new HttpResponseMessage(HttpStatusCode.BadRequest) { Content = new StringContent("Bad Request") };
        (await Verdict.Of(new Probe(Operation, "a fault", () => new HttpRequestMessage()), answer)).ShouldNotBeNull().ShouldContain("not a problem document");
    }

    [Fact]
    public void Should_think_of_every_fault_of_a_body()
    {
        var schema = new Schema(JsonNode.Parse(
            """
            {"type":"object","required":["sku","parts"],"properties":{
                "sku":{"type":"string","maxLength":3},
                "state":{"type":["null","string"],"enum":["Open","Closed"]},
                "parts":{"type":"array","minItems":1,"maxItems":2,"items":{"type":"object","required":["quantity"],"properties":{
                    "quantity":{"type":"integer","minimum":1,"maximum":9}}}}}}
            """)!.AsObject(), []);
        var faults = BodyFaults.Of(schema, JsonNode.Parse("""{"sku":"ABC","parts":[{"quantity":5}]}""")!).ToList();
        faults.ShouldContain(new BodyFault("sku missing", """{"parts":[{"quantity":5}]}""", "sku"));
        faults.ShouldContain(new BodyFault("sku too long", """{"parts":[{"quantity":5}],"sku":"xxxx"}""", "sku"));
        faults.ShouldContain(new BodyFault("state is 'Unknown'", """{"sku":"ABC","parts":[{"quantity":5}],"state":"Unknown"}""", "state"));
        faults.ShouldContain(new BodyFault("state null", """{"sku":"ABC","parts":[{"quantity":5}],"state":null}""", "state", MustBeRefused: false));
        faults.ShouldContain(new BodyFault("parts[0].quantity above the most", """{"sku":"ABC","parts":[{"quantity":10}]}""", "parts[0].quantity"));
        faults.ShouldContain(new BodyFault("parts[0].quantity is NaN", """{"sku":"ABC","parts":[{"quantity":NaN}]}""", "body"));
        faults.ShouldContain(new BodyFault("parts too long", """{"sku":"ABC","parts":[{"quantity":5},{"quantity":5},{"quantity":5}]}""", "parts"));
        faults.ShouldContain(new BodyFault("unknown parts[0].colour", """{"sku":"ABC","parts":[{"quantity":5,"colour":"red"}]}""", "parts[0].colour"));
        faults.Select(fault => fault.What).ShouldBeUnique();
    }
}
