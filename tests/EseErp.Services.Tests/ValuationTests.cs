using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using EseErp.Services.Tests.Running;

namespace EseErp.Services.Tests;

/// <summary>Commands are accepted, go through their topic, are handled in order, and have an outcome that can be read and followed.</summary>
[Collection(SystemCollection.Name)]
public sealed class ValuationTests(RunningSystem system)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private HttpClient Sales => system.Client("sales");

    [Fact]
    public async Task Should_apply_commands_in_order_and_show_each_step()
    {
        var opened = await Open(199.90m);
        var id = (string)opened["valuationId"]!;
        await Change(id, "MULTIPLY", 0.85m);
        var last = await Change(id, "ADD", 9.90m);

        (await Outcome(last))["state"]!.GetValue<string>().ShouldBe("Applied");
        var valuation = await system.Get("sales", $"/valuations/{id}?after={last["commandId"]}");
        ((decimal)valuation["value"]!, (decimal)valuation["amount"]!, (int)valuation["version"]!).ShouldBe((179.815m, 179.82m, 3));
        valuation["steps"]!.AsArray().Select(step => ((string?)step!["operation"], (string?)step["operand"], (decimal?)step["before"], (decimal?)step["after"])).ShouldBe(
        [
            (null, "199.90", null, 199.90m),
            ("MULTIPLY", "0.85", 199.90m, 169.915m),
            ("ADD", "9.90", 169.915m, 179.815m),
        ]);
        ((decimal)(await system.Get("sales", $"/valuations/{id}?version=2"))["value"]!).ShouldBe(169.915m);
    }

    [Fact]
    public async Task Should_reject_with_the_reason_and_leave_the_value()
    {
        var id = (string)(await Open(100))["valuationId"]!;
        foreach (var (operation, value, reason) in new (string, object, string)[]
        {
            ("ADD", "abc", "NotANumber"), ("MULTIPLY", "NaN", "NotANumber"), ("ADD", "1e400", "Overflow"), ("ADD", 1e25m, "Overflow"),
            ("MULTIPLY", 99_999_999_999m, "Overflow"), ("MULTIPLY", -0.85m, "NegativeFactor"),
        })
        {
            var outcome = await Outcome(await Change(id, operation, value));
            ((string?)outcome["state"], (string?)outcome["reason"], (decimal?)outcome["value"]).ShouldBe(("Rejected", reason, null), $"{operation} {value}");
        }

        var valuation = await system.Get("sales", $"/valuations/{id}");
        ((decimal)valuation["value"]!, (int)valuation["version"]!).ShouldBe((100m, 7));
    }

    [Fact]
    public async Task Should_reject_a_change_of_an_id_that_nobody_has()
    {
        var id = Guid.NewGuid().ToString();

        var outcome = await Outcome(await Change(id, "ADD", 1));

        ((string?)outcome["state"], (string?)outcome["reason"]).ShouldBe(("Rejected", "UnknownId"));
        (await Sales.GetAsync($"/valuations/{id}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await Follow($"/valuations/{id}/stream", 1)).Single().Type.ShouldBe("rejected");
        (await Sales.GetAsync($"/valuations/{Guid.NewGuid()}/stream")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await Sales.GetAsync($"/valuation-commands/{Guid.NewGuid()}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Should_refuse_at_once_what_is_no_value_at_all()
    {
        var id = (string)(await Open(100))["valuationId"]!;
        foreach (var value in new[] { "null", "true", "{}", "[1]", "\"\"", $"\"{new string('1', 41)}\"", new string('1', 41), "\"a\\u0000b\"", "\"\\ud800\"" })
        {
            using var body = new StringContent($$"""{"operation":"ADD","value":{{value}}}""", System.Text.Encoding.UTF8, "application/json");
            using var answer = await Sales.PutAsync($"/valuations/{id}", body);
            var text = await answer.Content.ReadAsStringAsync();
            answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest, $"{value}: {text}");
            JsonNode.Parse(text)!["errors"]!.AsObject().Select(error => error.Key).ShouldHaveSingleItem(value).ShouldBeOneOf("value", "body");
        }
    }

    [Fact]
    public async Task Should_keep_the_order_of_each_client_and_apply_every_command_once_under_concurrency()
    {
        var id = (string)(await Open(1000))["valuationId"]!;
        var clients = await Task.WhenAll(Enumerable.Range(0, 6).Select(async client =>
        {
            var commands = new List<JsonNode>();
            for (var number = 0; number < 10; number++)
                commands.Add(number % 2 == 0 ? await Change(id, "ADD", client + number + 0.01m) : await Change(id, "MULTIPLY", 0.9m));
            return commands.Select(command => (string)command["commandId"]!).ToList();
        }));

        var valuation = await Eventually.Within(Limit, () => system.Get("sales", $"/valuations/{id}"), read => (int)read["version"]! == 61, "all to be applied");

        var steps = valuation["steps"]!.AsArray().Skip(1).Select(step => step!).ToList();
        steps.Select(step => (string)step["commandId"]!).Order().ShouldBe(clients.SelectMany(client => client).Order());
        foreach (var client in clients) steps.Select(step => (string)step["commandId"]!).Where(client.Contains).ShouldBe(client);
        var folded = 1000m;
        foreach (var step in steps)
        {
            ((decimal)step["before"]!).ShouldBe(folded);
            var operand = decimal.Parse((string)step["operand"]!, System.Globalization.CultureInfo.InvariantCulture);
            folded = (string?)step["operation"] == "ADD" ? folded + operand : folded * operand;
        }

        ((decimal)valuation["value"]!).ShouldBe(folded);
    }

    [Fact]
    public async Task Should_send_what_was_and_then_what_comes_to_who_follows_a_valuation()
    {
        var opened = await Open(100);
        var id = (string)opened["valuationId"]!;
        var following = Follow($"/valuations/{id}/stream", 3);
        await Change(id, "ADD", 5);
        var rejected = await Change(id, "ADD", "x");

        (await following).Select(sent => (sent.Type, sent.Id)).ShouldBe([("opened", "1"), ("changed", "2"), ("rejected", "3")]);
        (await Follow($"/valuations/{id}/stream", 1, lastEventId: "2")).Single().Data["commandId"]!.ToString().ShouldBe((string)rejected["commandId"]!);
        // A command's stream ends with its outcome.
        (await Follow($"/valuation-commands/{rejected["commandId"]}/stream", int.MaxValue))[^1].Type.ShouldBe("rejected");
    }

    [Fact]
    public async Task Should_apply_a_retried_request_once()
    {
        var (openKey, key) = (Guid.NewGuid().ToString(), Guid.NewGuid().ToString());
        var opened = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Open(100, openKey)));
        opened.Select(answer => answer.ToJsonString()).Distinct().Count().ShouldBe(1);
        var id = (string)opened[0]["valuationId"]!;

        var changed = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Change(id, "ADD", 5, key)));

        changed.Select(answer => answer.ToJsonString()).Distinct().Count().ShouldBe(1);
        ((decimal)(await system.Get("sales", $"/valuations/{id}?after={changed[0]["commandId"]}"))["value"]!).ShouldBe(105m);
        using var other = new HttpRequestMessage(HttpMethod.Post, "/valuations") { Content = JsonContent.Create(new { value = 101 }) };
        other.Headers.Add("Idempotency-Key", openKey);
        (await Sales.SendAsync(other)).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task Should_change_and_record_nothing_when_everything_is_read_again()
    {
        var id = (string)(await Open(100))["valuationId"]!;
        await Outcome(await Change(id, "MULTIPLY", 0.85m));
        await Outcome(await Change(id, "ADD", "abc"));
        var before = await system.Ledger.Quiet();
        var valuation = (await system.Get("sales", $"/valuations/{id}")).ToJsonString();

        (await Sales.PostAsync("/consumers/replay", null)).StatusCode.ShouldBe(HttpStatusCode.Accepted);

        Ledger.Changes(before, await system.Ledger.Quiet()).ShouldBeEmpty();
        (await system.Get("sales", $"/valuations/{id}")).ToJsonString().ShouldBe(valuation);
        // And the next command is handled.
        ((string?)(await Outcome(await Change(id, "ADD", 15)))["state"]).ShouldBe("Applied");
    }

    [Theory]
    [InlineData("NoLongerWanted", "MULTIPLY")]
    [InlineData("WrongItem", null)]
    public async Task Should_show_how_the_amount_of_a_refund_came_about(string reason, string? change)
    {
        var returnId = (string)(await system.Returns.File("event", reason))["returnId"]!;
        await system.Ledger.Quiet();

        var refund = await system.Get("sales", $"/order-refund-requests/{returnId}");

        var steps = refund["valuation"]!.AsArray();
        ((string?)steps[0]!["operation"]).ShouldBe("PAID");
        ((decimal)steps[^1]!["result"]!).ShouldBe((decimal)refund["amount"]!);
        if (change is null) steps.ShouldHaveSingleItem();
        else ((string?)steps[1]!["operation"], (decimal)steps[1]!["value"]!).ShouldBe((change, 0.85m));
    }

    private Task<JsonNode> Open(decimal value, string? key = null) => Send(HttpMethod.Post, "/valuations", new { value }, key);

    private Task<JsonNode> Change(string id, string operation, object value, string? key = null) =>
        Send(HttpMethod.Put, $"/valuations/{id}", new { operation, value }, key);

    private async Task<JsonNode> Send(HttpMethod method, string address, object body, string? key)
    {
        using var request = new HttpRequestMessage(method, address) { Content = JsonContent.Create(body) };
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        using var answer = await Sales.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted, text);
        var command = JsonNode.Parse(text)!;
        answer.Headers.Location!.ToString().ShouldBe(method == HttpMethod.Post ? $"/valuations/{command["valuationId"]}" : $"/valuation-commands/{command["commandId"]}");
        return command;
    }

    private Task<JsonNode> Outcome(JsonNode command) => Eventually.Within(
        Limit, () => system.Get("sales", $"/valuation-commands/{command["commandId"]}"), read => (string?)read["state"] != "Pending", "an outcome");

    /// <summary>The events of a stream, until there are so many or it ends.</summary>
    private async Task<List<(string Type, string? Id, JsonNode Data)>> Follow(string address, int count, string? lastEventId = null)
    {
        using var limit = new CancellationTokenSource(Limit);
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (lastEventId is not null) request.Headers.Add("Last-Event-ID", lastEventId);
        using var answer = await Sales.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        var sent = new List<(string, string?, JsonNode)>();
        await using var body = await answer.Content.ReadAsStreamAsync(limit.Token);
        await foreach (var item in SseParser.Create(body).EnumerateAsync(limit.Token))
        {
            if (item.EventType != "heartbeat") sent.Add((item.EventType, item.EventId, JsonNode.Parse(item.Data)!));
            if (sent.Count == count) break;
        }

        return sent;
    }
}
