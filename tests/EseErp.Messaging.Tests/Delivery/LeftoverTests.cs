using System.Net.Http.Json;
using EseErp.EventStore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EseErp.Messaging.Tests;

/// <summary>What is over is forgotten in time, and nothing that may still be needed.</summary>
public sealed class LeftoverTests(TestDatabases databases) : DeliverySpec(databases)
{
    [Fact]
    public async Task Should_forget_a_letter_thirty_days_after_it_was_redriven_and_none_that_waits()
    {
        var (team, script) = await StartFailing();
        await Publish([new ParcelSent("RMA-old", 0), new ParcelSent("RMA-young", 0), new ParcelSent("RMA-waiting", 0)]);
        await Letters(3);
        script.Before = (parcel, _) => parcel.ReturnId == "RMA-waiting" ? throw new InvalidOperationException("still no") : Task.CompletedTask;
        await Redrive(team);
        await Databases.Age(Messaging.Topic, days: 100);
        // All that was published is long gone from the broker.
        await Pass("dead_letters", "dead_at", days: 100);
        await Pass("dead_letters", "redriven_at", days: 29.9);

        await LetGo(team);
        (await Keys("dead_letters", "key")).ShouldBe("RMA-old, RMA-waiting, RMA-young");

        await Pass("dead_letters", "redriven_at", days: 0.2, "key = 'RMA-old'");
        await LetGo(team);
        (await Keys("dead_letters", "key")).ShouldBe("RMA-waiting, RMA-young");

        await Pass("dead_letters", "redriven_at", days: 1000);
        await LetGo(team);
        (await Keys("dead_letters", "key")).ShouldBe("RMA-waiting");
    }

    [Fact]
    public async Task Should_forget_a_letter_thirty_days_after_it_was_discarded()
    {
        var (team, _) = await StartFailing();
        await Publish([new ParcelSent("RMA-old", 0), new ParcelSent("RMA-young", 0), new ParcelSent("RMA-waiting", 0)]);
        await Letters(3);
        await Ask<long>(
            """
            with discarded as (
                update ese.dead_letters set discarded_by = 'Erika', discard_reason = 'Gone.',
                    discarded_at = now() - case key when 'RMA-old' then interval '30.1 days' else interval '29.9 days' end
                where key <> 'RMA-waiting' returning 1)
            select count(*) from discarded
            """);
        await Databases.Age(Messaging.Topic, days: 100);

        await LetGo(team);

        (await Keys("dead_letters", "key")).ShouldBe("RMA-waiting, RMA-young");
    }

    [Fact]
    public async Task Should_forget_a_redrive_thirty_days_after_its_end_and_none_that_goes_on()
    {
        var (team, _) = await StartFailing();
        await Ask<long>(
            """
            with redrives as (
                insert into ese.redrives (key, last_letter, letters, finished_at, driven_until) values
                    ('old', 0, 0, now() - interval '30.1 days', '-infinity'), ('young', 0, 0, now() - interval '29.9 days', '-infinity'),
                    ('goes on', 0, 0, null, 'infinity')
                returning 1)
            select count(*) from redrives
            """);

        await LetGo(team);

        (await Keys("redrives", "key")).ShouldBe("goes on, young");
    }

    [Fact]
    public async Task Should_keep_a_redrive_as_long_as_the_service_says_also_when_another_is_asked_for()
    {
        var team = await StartTeam(Messaging with { Options = new Dictionary<string, string> { ["LetterRetention"] = "60.00:00:00" } });
        await Ask<long>("with ended as (insert into ese.redrives (key, last_letter, letters, finished_at) values ('RMA-1', 0, 0, now() - interval '59 days') returning 1) select count(*) from ended");

        await team.Services.GetRequiredService<RedriveRuns>().Request(new DeadLetterFilter(Key: "RMA-2"), CancellationToken.None);

        (await Keys("redrives", "key")).ShouldBe("RMA-1, RMA-2");
        await LetGo(team);
        (await Keys("redrives", "key")).ShouldBe("RMA-1, RMA-2");
    }

    [Fact]
    public async Task Should_keep_a_letter_while_the_broker_holds_records_as_old()
    {
        var (team, script) = await StartFailing();
        await Publish([new ParcelSent("RMA-1", 0)]);
        await Letters(1);
        script.Before = (_, _) => Task.CompletedTask;
        await Redrive(team);
        await Pass("dead_letters", "redriven_at", days: 100);
        // A broker that keeps more than it should.
        await Databases.SetRetention(1000);
        try
        {
            await Databases.Age(Messaging.Topic, days: 101);
            await LetGo(team);
            (await Keys("dead_letters", "key")).ShouldBe("RMA-1");
        }
        finally
        {
            await Databases.SetRetention(7);
        }

        await LetGo(team);
        (await Keys("dead_letters", "key")).ShouldBe("");
    }

    [Fact]
    public async Task Should_forget_early_facts_whose_request_cannot_come_any_more_and_no_others()
    {
        var (team, _) = await StartFailing();
        await Remember(team, "RMA-ended", "RMA-dead", "RMA-young");
        // The request of one is a dead letter: it may still be re-driven.
        await Publish([new ParcelSent("RMA-dead", 0)]);
        await Letters(1);
        await Pass("early_facts", "seen_at", days: 30.1, "return_id <> 'RMA-young'");
        await Pass("early_facts", "seen_at", days: 29.9, "return_id = 'RMA-young'");
        await Databases.SetRetention(1000);
        try
        {
            await Databases.Age(Messaging.Topic, days: 31);
            await LetGo(team);
            (await Keys("early_facts", "return_id")).ShouldBe("RMA-dead, RMA-ended, RMA-young", "the broker holds records as old");
        }
        finally
        {
            await Databases.SetRetention(7);
        }

        await LetGo(team);
        (await Keys("early_facts", "return_id")).ShouldBe("RMA-dead, RMA-young");
    }

    [Fact]
    public async Task Should_forget_by_the_settings()
    {
        var (team, _) = await StartFailing(("EarlyFactRetention", "10.00:00:00"));
        await Remember(team, "RMA-1", "RMA-2");
        await Pass("early_facts", "seen_at", days: 10.1, "return_id = 'RMA-1'");

        await LetGo(team);

        (await Keys("early_facts", "return_id")).ShouldBe("RMA-2");
    }

    [Fact]
    public async Task Should_not_start_where_nothing_is_kept() =>
        (await Should.ThrowAsync<OptionsValidationException>(() => StartFailing(("LetterRetention", "00:00:00")))).Message.ShouldContain("LetterRetention");

    private async Task<(Team Team, Script Script)> StartFailing(params (string Name, string Value)[] options)
    {
        var script = new Script { Before = (_, _) => throw new InvalidOperationException("no") };
        var team = await StartTeam(Messaging with
        {
            Script = script, Consumers = topic => topic.Runs<ImpatientWhenParcelSent>(), Options = options.ToDictionary(option => option.Name, option => option.Value),
        });
        return (team, script);
    }

    /// <summary>Waits for so many letters that are published.</summary>
    private Task<long> Letters(int count) => Eventually.Within(
        Limit, () => Ask<long>("select count(*) from ese.dead_letters where published"), letters => letters == count, $"{count} dead letters");

    private static async Task Redrive(Team team)
    {
        using var http = new HttpClient();
        using var response = await http.PostAsJsonAsync(new Uri(team.Address, "/dead-letters/redrive"), new RedriveRequest());
        response.EnsureSuccessStatusCode();
    }

    private static Task Remember(Team team, params string[] returnIds) => team.Work(services =>
    {
        foreach (var returnId in returnIds) services.GetRequiredService<EarlyFacts>().Remember(returnId, new ParcelReceived(returnId, 0));
        return Task.CompletedTask;
    });

    private static Task LetGo(Team team) => team.Services.GetRequiredService<Retention>().Apply(CancellationToken.None);

    private Task<string> Keys(string table, string column) => Ask<string>($"select coalesce(string_agg({column}, ', ' order by {column}), '') from ese.{table}");

    /// <summary>Makes what was noted older.</summary>
    private Task<long> Pass(string table, string column, double days, string condition = "true") => Ask<long>(string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"with aged as (update ese.{table} set {column} = {column} - interval '{days} days' where {condition} returning 1) select count(*) from aged"));
}
