namespace EseErp.SystemTests;

/// <summary>Two processes of one team share its work.</summary>
public sealed class ReplicaTests(RunningSystem system) : SystemTest(system)
{
    private const string Replica = "sales-2";

    [Fact]
    public async Task Should_handle_each_return_once_with_two_replicas_of_a_team()
    {
        var devices = System.Take(150);
        var client = new PatientClient(System, "event");
        var filing = client.FileEach(devices, atATime: 8, 202);
        await System.Processes.StartReplicaAsync(Teams.Sales, Replica, portOffset: 12);
        try
        {
            await filing;
            // Filed while both are there, in any case.
            var more = System.Take(150);
            await client.FileEach(more, atATime: 8, 202);
            await System.AllClosed(client.ReturnIds);
            (await System.Documents(Teams.Sales, [.. client.ReturnIds])).ShouldBe(devices.Count + more.Count);
            await System.ShouldHaveDoneNothingTwice(client.ReturnIds);
            await System.NothingIsWaiting();
            await System.TrialBalanceIsZero();
            ShouldHaveWorked("sales");
            ShouldHaveWorked(Replica);
        }
        finally
        {
            await System.Processes.StopServiceAsync(Replica);
        }

        void ShouldHaveWorked(string name) => LogOf(name).ShouldContain(line => client.ReturnIds.Any(line.Contains), $"{name} did its share");
    }

    private string[] LogOf(string name)
    {
        using var file = new StreamReader(new FileStream(Path.Combine(System.LogDirectory, $"{name}.ndjson"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return file.ReadToEnd().Split('\n');
    }
}
