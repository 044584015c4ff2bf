using System.Text.Json;

namespace EseErp.SystemTests;

/// <summary>What each team writes down about a return.</summary>
public sealed class LogTests(RunningSystem system) : SystemTest(system)
{
    [Theory]
    [InlineData("event")]
    [InlineData("traditional")]
    public async Task Should_find_a_return_in_every_teams_log_under_one_correlation_id(string mode)
    {
        var returnId = (await System.File(System.Take(), mode)).Json.Text("returnId")!;
        await System.Closed(returnId);
        await ShouldBeInEveryLog(returnId, mode);
    }

    [Fact]
    public async Task Should_keep_apart_the_correlation_ids_of_returns_that_are_filed_together()
    {
        var client = new PatientClient(System, "event");
        await client.FileTogether(System.Take(3));
        await System.AllClosed(client.ReturnIds);
        foreach (var returnId in client.ReturnIds) await ShouldBeInEveryLog(returnId, "event");
    }

    [Fact]
    public async Task Should_page_through_a_teams_log()
    {
        var returnId = (await System.File(System.Take(), "event")).Expect(202).Json.Text("returnId")!;
        await System.Closed(returnId);
        var (after, seen) = ("0", new List<JsonElement>());
        while (true)
        {
            var page = (await System.Get(Teams.Sales, $"logs?after={after}&limit=200")).Expect(200).Json;
            seen.AddRange(page.List("items"));
            if (page.Text("next") is not { } next) break;
            after = next;
        }

        var sequences = seen.Select(line => line.GetProperty("sequence").GetInt64()).ToList();
        sequences.ShouldBeInOrder(SortDirection.Ascending);
        sequences.Distinct().Count().ShouldBe(sequences.Count);
        seen.ShouldContain(line => line.Text("returnId") == returnId);
        var last = sequences[^1];
        (await System.Get(Teams.Sales, $"logs?after={last}")).Expect(200).Json.List("items")
            .ShouldAllBe(line => line.GetProperty("sequence").GetInt64() > last);
    }

    private async Task ShouldBeInEveryLog(string returnId, string mode)
    {
        var correlationId = (await System.Timeline(returnId))[0].Text("correlationId");
        foreach (var team in Teams.Publishing)
        {
            var lines = await Eventually.Within(
                Expectations.Soon, () => Task.FromResult(Lines(team, returnId)), lines => lines.Count > 0, $"{returnId} is in the log of {team}");
            lines.ShouldAllBe(line => line.Text("team") == team && line.Text("message") != null && line.Text("level") != null);
            lines.Select(line => line.Text("correlationId")).Distinct().ShouldBe([correlationId], team);
            // A traditional return has one event that others are told of; what the teams do follows from calls.
            if (mode == "event" || team == Teams.UserSupport) lines.ShouldContain(line => line.Text("eventId") != null, team);
        }
    }

    // Every line is read, so that one that is not JSON fails the test; the last one may be in the middle of being written.
    private List<JsonElement> Lines(string team, string returnId)
    {
        using var file = new StreamReader(new FileStream(Path.Combine(System.LogDirectory, $"{team}.ndjson"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var text = file.ReadToEnd();
        return text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonElement.Parse(line))
            .Where(line => line.Text("returnId") == returnId).ToList();
    }
}
