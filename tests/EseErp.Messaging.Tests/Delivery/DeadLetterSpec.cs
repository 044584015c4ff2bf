using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using EseErp.EventStore;

namespace EseErp.Messaging.Tests;

public abstract class DeadLetterSpec(TestDatabases databases, IServiceEngine? engine = null) : DeliverySpec(databases, engine)
{
    private static readonly Action<TopicSubscriptions> Impatient = topic => topic.Runs<ImpatientWhenParcelSent>();
    private static readonly HttpClient Http = new();
    private bool _broken = true;

    [Theory]
    [InlineData("not JSON at all", null)]
    [InlineData("[1, 2]", null)]
    [InlineData("{}", null)]
    [InlineData("""{"type":null}""", null)]
    [InlineData("""{"type":"\ud800"}""", null)]
    [InlineData("a NUL \0 within", null)]
    [InlineData("""{"type":"ese.parcels.parcel-sent.v1","id":"1"}""", "ese.parcels.parcel-sent.v1")]
    public async Task Should_set_aside_a_record_that_cannot_be_read_and_go_on(string value, string? type)
    {
        var (bad, sameLane) = (KeyOfLane(0), KeyOfLane(0, skip: 1));
        await Publish(Parcels(bad, 0, 3));
        await Broker.Publish(Messaging.Topic, [new OutgoingRecord(bad, Encoding.UTF8.GetBytes(value))], CancellationToken.None);
        await Publish([.. Parcels(bad, 3, 3), .. Parcels(sameLane, 0, 5)]);

        var team = await StartTeam(Messaging with { Workers = 1 });

        ShouldBeOnceEach(await Applied(team, 8), [.. Parcels(bad, 0, 3), .. Parcels(sameLane, 0, 5)]);
        var letters = await Letters(team);
        letters.Select(letter => letter.Reason).ShouldBe(
            [DeadLetterReason.Unreadable, DeadLetterReason.Behind, DeadLetterReason.Behind, DeadLetterReason.Behind]);
        letters[0].Value.ShouldBe(value);
        letters[0].Key.ShouldBe(bad);
        letters[0].Type.ShouldBe(type);
        letters[0].Error.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task Should_set_aside_an_event_that_keeps_failing_with_what_is_behind_it_and_apply_all_in_order_when_redriven()
    {
        var (bad, good) = (KeyOfLane(0), KeyOfLane(0, skip: 1));
        await Publish([.. Parcels(bad, 0, 5), .. Parcels(good, 0, 5)]);
        var team = await StartTeam(Failing(bad, 1));

        ShouldBeOnceEach(await Applied(team, 6), [.. Parcels(bad, 0, 1), .. Parcels(good, 0, 5)]);
        // What comes later waits too.
        await Publish([.. Parcels(bad, 5, 2), .. Parcels(good, 5, 2)]);
        await Applied(team, 8);
        var letters = await Letters(team);
        letters.Count.ShouldBe(6);
        letters[0].ShouldSatisfyAllConditions(
            letter => letter.Reason.ShouldBe(DeadLetterReason.Exhausted),
            letter => letter.Attempts.ShouldBe(ImpatientWhenParcelSent.Attempts),
            letter => letter.Error.ShouldBe("a bug"),
            letter => letter.Exception!.ShouldContain(nameof(InvalidOperationException)),
            letter => letter.EventId.ShouldNotBeNull());

        Volatile.Write(ref _broken, false);
        var result = await Redrive(team, $"/dead-letters/{letters[0].Id}/redrive");

        result.Redriven.ShouldBe(6);
        result.Failed.ShouldBeEmpty();
        (await team.Receipts()).Where(receipt => receipt.ReturnId == bad).Select(receipt => receipt.Number).ShouldBe([0, 1, 2, 3, 4, 5, 6]);
        (await Letters(team)).ShouldBeEmpty();
        // And the key is no longer held up.
        await Publish(Parcels(bad, 7, 3));
        ShouldBeOnceEach(await Applied(team, 17), [.. Parcels(bad, 0, 10), .. Parcels(good, 0, 7)]);
    }

    [Fact]
    public async Task Should_set_a_contradiction_aside_at_once()
    {
        var (bad, good) = (KeyOfLane(0), KeyOfLane(0, skip: 1));
        await Publish([.. Parcels(bad, 0, 2), .. Parcels(good, 0, 2)]);
        var attempts = 0;
        var team = await StartTeam(Messaging with
        {
            Consumers = topic => topic.Runs<PatientWhenParcelSent>(),
            Script = new Script
            {
                Before = (parcel, _) =>
                {
                    if (parcel.ReturnId != bad) return Task.CompletedTask;
                    Interlocked.Increment(ref attempts);
                    ConflictException.ThrowIfOther($"parcel {bad}", ("number", 7, parcel.Number));
                    return Task.CompletedTask;
                },
            },
        });

        ShouldBeOnceEach(await Applied(team, 2), Parcels(good, 0, 2));
        var letters = await Eventually.Within(Limit, () => Letters(team), letters => letters.Count == 2, "both to be set aside");
        letters.Select(letter => (letter.Reason, letter.Attempts)).ShouldBe([(DeadLetterReason.Conflict, 1), (DeadLetterReason.Behind, 0)]);
        letters[0].Error.ShouldContain("number is 7, not 0");
        // With the batch of four, with its half of two, and alone.
        attempts.ShouldBeLessThanOrEqualTo(3);

        var again = await Redrive(team, "/dead-letters/redrive", new RedriveRequest(Reason: DeadLetterReason.Conflict));
        again.Failed.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Should_keep_a_letter_that_fails_again_and_what_is_behind_it()
    {
        var bad = KeyOfLane(0);
        await Publish(Parcels(bad, 0, 3));
        var team = await StartTeam(Failing(bad, 1));
        await Applied(team, 1);

        var result = await Redrive(team, "/dead-letters/redrive");

        result.Redriven.ShouldBe(0);
        result.Failed.ShouldHaveSingleItem().Error.ShouldBe("a bug");
        var letters = await Letters(team);
        letters.Select(letter => letter.Reason).ShouldBe([DeadLetterReason.Exhausted, DeadLetterReason.Behind]);
        letters[0].Attempts.ShouldBe(ImpatientWhenParcelSent.Attempts + 1);
        (await team.Receipts()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Should_apply_a_letter_once_however_often_it_is_redriven_and_delivered_again()
    {
        var bad = KeyOfLane(0);
        await Publish(Parcels(bad, 0, 20));
        var team = await StartTeam(Failing(bad, 0));
        await CaughtUp();
        await Eventually.Within(Limit, async () => (await Letters(team)).Count, count => count == 20, "all to be dead");

        Volatile.Write(ref _broken, false);
        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Redrive(team, "/dead-letters/redrive")));

        results.ShouldAllBe(result => result.Failed.Count == 0);
        ShouldBeOnceEach(await Applied(team, 20), Parcels(bad, 0, 20));
        await team.DisposeAsync();
        await SendToBeginning();
        var again = await StartTeam(Failing(bad, -1));
        ShouldBeOnceEach(await Applied(again, 20), Parcels(bad, 0, 20));
        (await Letters(again)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Should_redrive_only_what_the_filter_names()
    {
        var (one, other) = (KeyOfLane(0), KeyOfLane(1));
        await Publish([.. Parcels(one, 0, 2), .. Parcels(other, 0, 2)]);
        var team = await StartTeam(Messaging with { Consumers = Impatient, Script = new Script { Before = (_, _) => Fail() } });
        await Eventually.Within(Limit, async () => (await Letters(team)).Count, count => count == 4, "all to be dead");

        Volatile.Write(ref _broken, false);
        (await Redrive(team, "/dead-letters/redrive", new RedriveRequest(Key: other))).Redriven.ShouldBe(2);

        ShouldBeOnceEach(await team.Receipts(), Parcels(other, 0, 2));
        (await Letters(team)).ShouldAllBe(letter => letter.Key == one);
    }

    [Fact]
    public async Task Should_publish_dead_letters_to_a_topic_of_their_own()
    {
        var bad = KeyOfLane(0);
        await Publish(Parcels(bad, 0, 1));
        var topic = $"{Messaging.Topic}.{Messaging.Group}.dlt";
        await Broker.CreateTopics([topic], Messaging.Partitions, CancellationToken.None);
        await StartTeam(Failing(bad, 0));

        await using var reader = await Listen(topic);
        using var limit = new CancellationTokenSource(Limit);
        var record = (await reader.Take(limit.Token)).Records.ShouldHaveSingleItem();

        record.Key.ShouldBe(bad);
        var message = JsonElement.Parse(record.Value);
        message.GetProperty("error").GetString().ShouldBe("a bug");
        message.GetProperty("topic").GetString().ShouldBe(Messaging.Topic);
        Encoding.UTF8.GetString(message.GetProperty("value").GetBytesFromBase64()).ShouldContain("parcel-sent");
    }

    [Fact]
    public async Task Should_publish_a_dead_letter_that_is_too_large_without_its_value_and_those_behind_it()
    {
        var (topic, key) = ($"{Messaging.Topic}.{Messaging.Group}.dlt", KeyOfLane(0));
        await Broker.Publish(Messaging.Topic, [new OutgoingRecord(key, new byte[BrokerLimits.MostValueBytes]), new OutgoingRecord(key, [1])], CancellationToken.None);
        await Broker.CreateTopics([topic], Messaging.Partitions, CancellationToken.None);
        var team = await StartTeam();

        await using var reader = await Listen(topic);
        using var limit = new CancellationTokenSource(Limit);
        var messages = new List<JsonElement>();
        while (messages.Count < 2)
        {
            var batch = await reader.Take(limit.Token);
            messages.AddRange(batch.Records.Select(record => JsonElement.Parse(record.Value)));
            reader.Commit(batch);
        }

        messages[0].GetProperty("value").ValueKind.ShouldBe(JsonValueKind.Null);
        messages[1].GetProperty("value").GetBytesFromBase64().ShouldBe([1]);
        (await Letters(team)).Select(letter => letter.Key).ShouldBe([key, key]);
    }

    private TeamMessaging Failing(string key, int number) => Messaging with
    {
        Consumers = Impatient,
        Script = new Script { Before = (parcel, _) => parcel.ReturnId == key && parcel.Number >= number && number >= 0 ? Fail() : Task.CompletedTask },
    };

    private Task Fail() => Volatile.Read(ref _broken) ? throw new InvalidOperationException("a bug") : Task.CompletedTask;

    private static async Task<List<DeadLetterView>> Letters(Team team) =>
        (await Http.GetFromJsonAsync<Listed>(new Uri(team.Address, "/dead-letters?limit=500")))!.Items;

    private static async Task<RedriveResult> Redrive(Team team, string path, RedriveRequest? request = null)
    {
        using var response = await Http.PostAsJsonAsync(new Uri(team.Address, path), request ?? new RedriveRequest());
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<RedriveResult>())!;
    }

    private sealed record Listed(List<DeadLetterView> Items);
}
