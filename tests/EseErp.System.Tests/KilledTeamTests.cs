using EseErp.DemoData;

namespace EseErp.SystemTests;

/// <summary>Every team is killed once while many returns are under way: nothing is lost and nothing done twice.</summary>
public sealed class KilledTeamTests(RunningSystem system) : SystemTest(system)
{
    [Fact]
    public async Task Should_settle_a_thousand_returns_exactly_once_in_event_mode_with_a_kill_of_every_team()
    {
        var devices = System.Take(1000);
        var client = new PatientClient(System, "event");
        var filing = Task.WhenAll(
            client.FileEach(devices.Take(700), atATime: 12, 202),
            FileInBatches(client, devices.Skip(700).Chunk(50)));
        await While(filing, async () =>
        {
            foreach (var (team, number) in Teams.Publishing.Select((team, number) => (team, number)))
            {
                await client.Until(100 + (150 * number));
                await Kill(team);
            }
        });
        await System.AllClosed(client.ReturnIds);
        await System.NothingIsWaiting();
        await ShouldBeOneReturnEach(devices, client.ReturnIds);
        (await Data.Count(Teams.Tracking, "select count(*) from returns where return_id = any(@p0) and status = 'Completed'", client.ReturnIds.ToArray()))
            .ShouldBe(devices.Count);
    }

    [Fact]
    public async Task Should_bring_two_hundred_returns_to_an_end_in_traditional_mode_with_a_kill_of_a_team()
    {
        var devices = System.Take(200);
        var client = new PatientClient(System, "traditional");
        var filing = client.FileEach(devices, atATime: 6, 201, 502, 504);
        await While(filing, async () =>
        {
            await client.Until(60);
            await Kill(Teams.Manufacturing);
        });

        await ResumeUntilAllAreClosed(client.ReturnIds);
        await ShouldBeOneReturnEach(devices, client.ReturnIds);
    }

    [Fact]
    public async Task Should_go_on_by_itself_with_traditional_returns_whose_driver_was_killed()
    {
        var devices = System.Take(40);
        var serials = devices.Select(device => device.SerialNumber).ToArray();
        // This client gives up with the connection: nobody sends these requests again.
        var filing = Parallel.ForEachAsync(devices, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (device, _) =>
            await System.File(device, "traditional").ContinueWith(_ => { }, TaskScheduler.Default));
        await While(filing, async () =>
        {
            await Eventually.Within(Expectations.Soon, () => HalfWay(serials), halfway => halfway >= 2, "some returns are half-way through the teams");
            await Kill(Teams.UserSupport);
        });
        await System.Processes.WaitUntilReadyAsync(Teams.UserSupport);

        var returnIds = await Data.Texts(Teams.UserSupport, "select return_id from returns where serial_number = any(@p0)", serials);
        await System.AllClosed(returnIds);
        (await Data.Count(Teams.UserSupport, "select count(*) from returns where serial_number = any(@p0) and status <> 'Approved'", serials)).ShouldBe(0);
        (await Data.Count(Teams.UserSupport, "select count(*) - count(distinct serial_number) from returns where serial_number = any(@p0)", serials)).ShouldBe(0);
        await ShouldHaveOneDocumentEach(returnIds);
    }

    private Task<long> HalfWay(string[] serials) => Data.Count(
        Teams.UserSupport,
        """
        select count(*) from returns r join traditional_returns using (return_id)
        where serial_number = any(@p0) and driven_until is not null and exists (select 1 from return_steps s where s.return_id = r.return_id and s.number = 2)
        """,
        serials);

    // Whatever happens to this test, its client does not go on into the next one.
    private static async Task While(Task filing, Func<Task> happening)
    {
        try
        {
            await happening();
        }
        finally
        {
            await filing;
        }
    }

    private static async Task FileInBatches(PatientClient client, IEnumerable<DemoReturn[]> batches)
    {
        foreach (var batch in batches) await client.FileTogether(batch);
    }

    private async Task Kill(string team)
    {
        var before = System.Processes.ProcessId(team).ShouldNotBeNull();
        await System.Processes.KillServiceAsync(team);
        await Eventually.Within(Expectations.Soon, () => Task.FromResult(System.Processes.ProcessId(team)), id => id != before, $"{team} has ended");
    }

    // In traditional mode a team that is away leaves returns incomplete, until someone resumes them.
    private async Task ResumeUntilAllAreClosed(IReadOnlyList<string> returnIds)
    {
        await System.Processes.WaitUntilReadyAsync(Teams.Manufacturing);
        await Eventually.Within(
            Expectations.InTheEnd,
            async () =>
            {
                var incomplete = await Data.Texts(
                    Teams.UserSupport, "select return_id from returns where status = 'Incomplete' and return_id = any(@p0)", returnIds.ToArray());
                await Parallel.ForEachAsync(incomplete, new ParallelOptions { MaxDegreeOfParallelism = 6 }, async (returnId, _) =>
                    (await System.Post(Teams.UserSupport, $"returns/{returnId}/resume")).Status.ShouldBeOneOf(200, 201, 409, 502, 504));
                return await Data.Count(Teams.UserSupport, "select count(*) from returns where status = 'Approved' and return_id = any(@p0)", returnIds.ToArray())
                    == returnIds.Count
                    && await Data.Count(Teams.Tracking, "select count(*) from returns where closed_at is not null and return_id = any(@p0)", returnIds.ToArray())
                    == returnIds.Count;
            },
            "every return is approved and closed");
    }

    private async Task ShouldBeOneReturnEach(IReadOnlyList<DemoReturn> devices, IReadOnlyList<string> returnIds)
    {
        var serials = devices.Select(device => device.SerialNumber).ToArray();
        returnIds.Distinct().Count().ShouldBe(devices.Count);
        (await Data.Count(Teams.UserSupport, "select count(*) from returns where serial_number = any(@p0)", serials)).ShouldBe(devices.Count);
        await ShouldHaveOneDocumentEach(returnIds);
    }

    private async Task ShouldHaveOneDocumentEach(IReadOnlyList<string> returnIds)
    {
        foreach (var team in Teams.Documents.Keys) (await System.Documents(team, [.. returnIds])).ShouldBe(returnIds.Count, team);
        await System.ShouldHaveDoneNothingTwice(returnIds);
        await System.StockIsConsistent();
        await System.TrialBalanceIsZero();
        // Paid, received, shipped and taken apart: each is booked once.
        (await Data.Count(Teams.Accounting, "select count(*) from journal_entries where return_id = any(@p0)", returnIds.ToArray())).ShouldBe(4 * returnIds.Count);
    }
}
