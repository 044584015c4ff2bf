namespace EseErp.SystemTests;

/// <summary>A client that repeats itself.</summary>
public sealed class IdempotencyTests(RunningSystem system) : SystemTest(system)
{
    private const int Times = 20;

    [Theory]
    [InlineData("event", 202)]
    [InlineData("traditional", 201)]
    [InlineData("traditional-async", 202)]
    public async Task Should_file_one_return_for_twenty_requests_at_once_with_one_key(string mode, int status)
    {
        var (device, key) = (System.Take(), Guid.NewGuid().ToString());
        var answers = await Task.WhenAll(Enumerable.Range(0, Times).Select(_ => System.File(device, mode, key)));

        answers[0].Expect(status);
        answers.Distinct().Count().ShouldBe(1, string.Join('\n', answers.Distinct()));
        (await Data.Count(Teams.UserSupport, "select count(*) from returns where serial_number = @p0", device.SerialNumber)).ShouldBe(1);

        var returnId = answers[0].Json.Text("returnId")!;
        await System.Closed(returnId);
        foreach (var team in Teams.Documents.Keys) (await System.Documents(team, returnId)).ShouldBe(1, team);
        (await System.File(device, mode, key)).ShouldBe(answers[0], "the answer stays the same after the return has gone on");
    }

    [Theory]
    [InlineData("event", 202)]
    [InlineData("traditional", 201)]
    [InlineData("traditional-async", 202)]
    public async Task Should_refuse_another_request_under_a_used_key(string mode, int status)
    {
        var (device, other, key) = (System.Take(), System.Take(), Guid.NewGuid().ToString());
        (await System.File(device, mode, key)).Expect(status);
        (await System.File(other, mode, key)).Expect(422).Json.Text("errors.Idempotency-Key").ShouldNotBeNull();
        (await Data.Count(Teams.UserSupport, "select count(*) from returns where serial_number = @p0", other.SerialNumber)).ShouldBe(0);
    }
}
