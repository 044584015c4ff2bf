namespace EseErp.Messaging.Tests;

/// <summary>A standby that takes over may not have heard of what was made a moment ago.</summary>
public sealed class LostPartitionTests(TestDatabases databases) : DeliverySpec(databases)
{
    [Fact]
    public async Task Should_make_inbox_partitions_again_that_a_failover_has_lost()
    {
        var team = await StartTeam();
        await Publish(Parcels("RMA-1", 0, 3));
        await Applied(team, 3);

        await LosePartitions();
        await Publish(Parcels("RMA-1", 3, 3));

        ShouldBeOnceEach(await Applied(team, 6), Parcels("RMA-1", 0, 6));
        (await Ask<long>("select count(*) from ese.dead_letters")).ShouldBe(0);
        team.Warnings.ShouldNotContain(warning => warning.Contains("failed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Should_make_them_again_for_a_letter_that_is_redriven()
    {
        var script = new Script { Before = (_, _) => throw new InvalidOperationException("not now") };
        var team = await StartTeam(Messaging with { Script = script, Consumers = topic => topic.Runs<ImpatientWhenParcelSent>() });
        await Publish(Parcels("RMA-1", 0, 1));
        await Eventually.Within(Limit, () => Ask<long>("select count(*) from ese.dead_letters"), count => count == 1, "the letter");
        script.Before = (_, _) => Task.CompletedTask;

        await LosePartitions();
        using var http = new HttpClient();
        var answer = await http.PostAsync(new Uri(team.Address, "/dead-letters/1/redrive"), null);

        answer.EnsureSuccessStatusCode();
        ShouldBeOnceEach(await Applied(team, 1), Parcels("RMA-1", 0, 1));
    }

    [Fact]
    public async Task Should_publish_to_a_topic_that_a_failover_has_lost_and_lose_nothing()
    {
        var team = await StartTeam();
        await team.Send(Parcels("RMA-1", 0, 3));
        await Applied(team, 3);

        await Databases.ForgetTopic(Messaging.Topic);
        // The group was at offsets that the lost topic had; the standby that took over had not heard of them either.
        await SendToBeginning();
        await team.Send(Parcels("RMA-2", 0, 3));

        ShouldBeOnceEach(await Applied(team, 6), Parcels("RMA-1", 0, 3).Concat(Parcels("RMA-2", 0, 3)));
    }

    // As they were before: neither the partitions nor what was noted of them.
    private Task<bool> LosePartitions() => Ask<bool>(
        """
        do $$ declare lost text; begin
            for lost in select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'ese.inbox'::regclass loop
                execute format('drop table ese.%I', lost);
            end loop;
            delete from ese.inbox_days;
        end $$;
        select true
        """);
}
