using System.Collections.Concurrent;
using System.Net;

namespace EseErp.SystemTests;

/// <summary>Orchestration that does not make the caller wait: answered once return and intent are written, driven in the background.</summary>
public sealed class TraditionalAsyncTests(RunningSystem system) : SystemTest(system)
{
    [Theory]
    [InlineData("respond-async", "traditional-async", 202)]
    [InlineData("return=minimal, Respond-Async; x=y", "traditional-async", 202)]
    [InlineData("wait=10", "traditional", 201)]
    public async Task Should_answer_a_traditional_return_at_once_to_whom_prefers_that(string prefer, string mode, int status)
    {
        var answer = (await System.FileForLater(System.Take(), "traditional", prefer)).Expect(status).Json;
        answer.Text("mode").ShouldBe(mode);
        (await System.Closed(answer.Text("returnId")!)).Text("mode").ShouldBe(mode);
    }

    [Fact]
    public async Task Should_answer_before_any_team_is_called()
    {
        await System.Processes.StopServiceAsync(Teams.Sales);
        var answer = (await System.File(System.Take(), "traditional-async")).Expect(202).Json;
        var returnId = answer.Text("returnId")!;
        (answer.Text("links.self"), answer.Text("status")).ShouldBe(($"/returns/{returnId}", "Requested"));
        await Eventually.Within(
            Expectations.Soon, () => System.Get(Teams.UserSupport, $"returns/{returnId}"), read => read.Json.Text("status") == "Incomplete",
            "whoever looks sees that a team does not answer");

        await System.Processes.StartServiceAsync(Teams.Sales);
        (await System.Closed(returnId)).Text("status").ShouldBe("Completed");
    }

    [Fact]
    public async Task Should_tell_who_looks_that_Sales_rejected_it()
    {
        var device = System.Catalogue.Orders.Where(order => order.DeliveredAt is null).Select(order => System.Catalogue.ReturnOf(order, 0, "Defective")).First();
        var returnId = (await System.File(device, "traditional-async")).Expect(202).Json.Text("returnId")!;
        await Eventually.Within(
            Expectations.Soon, () => System.Get(Teams.UserSupport, $"returns/{returnId}"), read => read.Json.Text("status") == "Declined", "the outcome is read");
    }

    [Fact]
    public async Task Should_go_on_with_what_was_answered_just_before_a_kill()
    {
        // The first call of each is held up, so none of them is driven when the process dies.
        await using var gate = await Gate.Close(Data, Teams.UserSupport, "insert on return_steps", "new.name = 'sales.refund-request'");
        var filed = await Task.WhenAll(System.Take(20).Select(device => System.File(device, "traditional-async")));
        await gate.Reached();
        await System.Processes.KillServiceAsync(Teams.UserSupport);
        await gate.Open();
        await System.Processes.WaitUntilReadyAsync(Teams.UserSupport);

        var returnIds = filed.Select(answer => answer.Expect(202).Json.Text("returnId")!).ToList();
        await System.AllClosed(returnIds);
        await System.ShouldHaveDoneNothingTwice(returnIds);
    }

    [Fact]
    public async Task Should_tell_the_outcome_to_whom_asked_for_it_until_it_is_taken()
    {
        using var listener = new HttpListener { Prefixes = { System.CallbackAddress } };
        var told = new ConcurrentQueue<(string Key, string Body)>();
        // Refuses the first, so that it is told again.
        listener.Start();
        var listening = Listen(listener, (key, body) =>
        {
            told.Enqueue((key, body));
            return told.Count == 1 ? 503 : 204;
        });

        var answer = (await System.FileForLater(System.Take(), "traditional-async", callbackUrl: $"{System.CallbackAddress}outcome")).Expect(202).Json;
        var returnId = answer.Text("returnId")!;
        await Eventually.Within(Expectations.Soon, () => Task.FromResult(told.Count), count => count >= 2, "the outcome is told, and told again");
        told.ShouldAllBe(call => call.Key == $"{returnId}.Approved" && call.Body.Contains($"\"returnId\":\"{returnId}\"") && call.Body.Contains("\"status\":\"Approved\""));
        await Eventually.Within(
            Expectations.Soon,
            () => Data.Texts(Teams.UserSupport, "select told_status from traditional_returns where return_id = @p0 and callback_at is null and callback_failures = 0", returnId),
            rows => rows.SequenceEqual(["Approved"]), "it is not told once more");
        listener.Stop();
        await listening;
    }

    [Theory]
    [InlineData("event", "http://127.0.0.1:1/")]
    [InlineData("traditional-async", "http://169.254.169.254/latest")]
    [InlineData("traditional", "file:///etc/passwd")]
    public async Task Should_call_only_addresses_that_are_allowed(string mode, string url)
    {
        var device = System.Take();
        (await System.FileForLater(device, mode, callbackUrl: url)).Expect(422).Json.Text("errors.callbackUrl").ShouldNotBeNull();
        (await Data.Count(Teams.UserSupport, "select count(*) from returns where serial_number = @p0", device.SerialNumber)).ShouldBe(0);
    }

    [Fact]
    public async Task Should_repeat_its_answer_when_a_callback_is_not_possible_any_more()
    {
        var (device, key, url) = (System.Take(), Guid.NewGuid().ToString(), $"{System.CallbackAddress}later");
        await System.SetMode("traditional-async");
        var answer = await System.FileForLater(device, null, callbackUrl: url, key: key);
        answer.Expect(202);
        await System.SetMode("event");
        (await System.FileForLater(device, null, callbackUrl: url, key: key)).ShouldBe(answer);
    }

    private static async Task Listen(HttpListener listener, Func<string, string, int> take)
    {
        while (listener.IsListening)
        {
            try
            {
                var call = await listener.GetContextAsync();
                using var reader = new StreamReader(call.Request.InputStream);
                call.Response.StatusCode = take(call.Request.Headers["Idempotency-Key"]!, await reader.ReadToEndAsync());
                call.Response.Close();
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
