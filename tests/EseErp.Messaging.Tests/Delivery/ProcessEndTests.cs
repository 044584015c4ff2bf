namespace EseErp.Messaging.Tests;

/// <summary>An event that really ends its process, and not only an attempt.</summary>
public sealed class ProcessEndTests(TestDatabases databases) : DeliverySpec(databases)
{
    private static readonly TimeSpan LongLimit = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Should_set_an_event_aside_that_ends_each_process_and_apply_the_others()
    {
        var (bad, sameLane, otherLane) = (KeyOfLane(0), KeyOfLane(0, skip: 1), KeyOfLane(1));
        List<ParcelSent> others = [.. Parcels(sameLane, 0, 10), .. Parcels(otherLane, 0, 5)];
        await Publish([.. others[..5], .. Parcels(bad, 0, 2), .. others[5..]]);
        var through = Eventually.Within(LongLimit, Lag, lag => lag == 0, "the group to catch up");

        var ends = 0;
        while (true)
        {
            await using var team = TeamProcess.Start(Database, Messaging, endedBy: bad);
            if (await Task.WhenAny(team.Ended, through) == through) break;
            team.ExitCode.ShouldNotBe(0);
            (await team.Errors).ShouldContain("ended by a parcel");
            (++ends).ShouldBeLessThan(8, "it ends the process for ever");
        }

        await through;
        ends.ShouldBeGreaterThan(2, "it takes some ends to tell");
        (await Ask<string>("select string_agg(reason || ' ' || key, ', ' order by \"offset\") from ese.dead_letters where open")).ShouldBe($"Exhausted {bad}, Behind {bad}");
        (await Ask<string>("select error from ese.dead_letters where reason = 'Exhausted'")).ShouldContain("process ended");
        (await Ask<string>("select string_agg(return_id || ' ' || number, ', ' order by return_id collate \"C\", number) from receipts"))
            .ShouldBe(string.Join(", ", others.OrderBy(parcel => parcel.ReturnId, StringComparer.Ordinal).ThenBy(parcel => parcel.Number).Select(parcel => $"{parcel.ReturnId} {parcel.Number}")));
    }
}
