namespace EseErp.SystemTests;

/// <summary>User Support dies at the worst moments: what it had accepted goes on, and nothing is accepted twice.</summary>
public sealed class KilledUserSupportTests(RunningSystem system) : SystemTest(system)
{
    [Fact]
    public async Task Should_tell_the_teams_of_a_step_that_was_reported_just_before_a_kill()
    {
        // The steps are reported by themselves; at the last one the process waits at the gate before it calls anyone.
        await using var gate = await Gate.Close(Data, Teams.UserSupport, "insert on return_steps", "new.name = 'manufacturing.complete'");
        var returnId = (await System.File(System.Take(), "traditional")).Expect(201).Json.Text("returnId")!;
        await gate.Reached();
        await System.Processes.KillServiceAsync(Teams.UserSupport);
        await gate.Open();
        await System.Processes.WaitUntilReadyAsync(Teams.UserSupport);
        await System.Closed(returnId);
    }

    [Theory]
    [InlineData("event", 202)]
    [InlineData("traditional", 201)]
    [InlineData("traditional-async", 202)]
    public async Task Should_answer_a_batch_that_is_sent_again_after_a_kill_before_the_answer(string mode, int status)
    {
        await using var gate = await Gate.Close(
            Data, Teams.UserSupport, "insert or update on ese.idempotency_keys", "new.operation = 'POST /returns/batch' and new.status is not null");
        var (devices, key) = (System.Take(5), Guid.NewGuid().ToString());
        var body = new { returns = devices.Select(device => RunningSystem.Request(device, mode)) };
        var lost = System.Post(Teams.UserSupport, "returns/batch", body, key);
        await gate.Reached();
        await System.Processes.KillServiceAsync(Teams.UserSupport);
        await gate.Open();
        await Should.ThrowAsync<HttpRequestException>(lost);
        await System.Processes.WaitUntilReadyAsync(Teams.UserSupport);

        var answer = (await System.Post(Teams.UserSupport, "returns/batch", body, key)).Expect(200);
        var results = answer.Json.List("results");
        results.Select(result => result.GetProperty("httpStatus").GetInt32()).ShouldBe(Enumerable.Repeat(status, devices.Count));
        (await System.Post(Teams.UserSupport, "returns/batch", body, key)).ShouldBe(answer);

        var serials = devices.Select(device => device.SerialNumber).ToArray();
        var filed = await Data.Texts(Teams.UserSupport, "select return_id from returns where serial_number = any(@p0)", serials);
        results.Select(result => result.Text("returnId")).ShouldBe(filed, ignoreOrder: true);
        await System.AllClosed(filed);
    }
}
