using System.Text.Json;
using EseErp.EventStore;
using Microsoft.Extensions.DependencyInjection;

namespace EseErp.Messaging.Tests;

/// <summary>Whoever reads a fact gets its newest version, wherever it was kept and whatever version was recorded.</summary>
public sealed class VersionTests(TestDatabases databases) : DeliverySpec(databases)
{
    private static readonly (string Type, object Fact)[] Recorded =
    [
        ("ese.parcels.parcel-lost.v1", new ParcelLost("RMA-1")),
        ("ese.parcels.parcel-lost.v2", new ParcelLostV2("RMA-1", "Linz")),
        ("ese.parcels.parcel-lost.v3", new ParcelLostV3("RMA-1", "Graz", 3)),
    ];

    private static readonly ParcelLostV3[] Newest = [new("RMA-1", "somewhere", 0), new("RMA-1", "Linz", 0), new("RMA-1", "Graz", 3)];

    private TeamMessaging Listening => Messaging with { Consumers = topic => topic.Runs<WhenParcelLost>() };

    [Fact]
    public async Task Should_hand_a_consumer_the_newest_version_of_what_is_in_the_broker()
    {
        await Broker.Publish(
            Messaging.Topic, Recorded.Select(recorded => new OutgoingRecord("RMA-1", CloudEvent.Write(Event("RMA-1", recorded.Type, recorded.Fact), "/elsewhere"))).ToList(), CancellationToken.None);
        var listening = Listening;

        await Applied(await StartTeam(listening), 3);

        listening.Script.Lost.ShouldBe(Newest);
    }

    [Fact]
    public async Task Should_hold_an_event_of_a_version_it_does_not_know_and_apply_it_by_itself_after_an_upgrade()
    {
        var old = Messaging with { Consumers = topic => topic.Runs<WhenParcelLostBefore>(), Unknown = ["ese.parcels.parcel-lost.v3"] };
        var before = await StartTeam(old);
        await Broker.Publish(
            Messaging.Topic,
            [
                Of("RMA-1", "ese.parcels.parcel-lost.v3", new ParcelLostV3("RMA-1", "Graz", 3)), Of("RMA-1", "ese.parcels.parcel-lost.v1", new ParcelLost("RMA-1")),
                Of("RMA-2", "ese.parcels.parcel-lost.v2", new ParcelLostV2("RMA-2", "Linz")),
                // Not subscribed to, in whatever version; and of a return in the other mode.
                Of("RMA-1", "ese.parcels.parcel-found.v9", new ParcelLost("RMA-1")),
                new OutgoingRecord("RMA-3", CloudEvent.Write(Event("RMA-3", "ese.parcels.parcel-lost.v3", new ParcelLostV3("RMA-3", "Wien", 1)) with { Coordination = Coordination.Traditional }, "/elsewhere")),
            ],
            CancellationToken.None);
        await Applied(before, 1);

        var held = await Letters(before, 2);
        held.Select(letter => (letter.Key, letter.Reason, letter.Type)).ShouldBe(
        [
            ("RMA-1", DeadLetterReason.UnknownVersion, "ese.parcels.parcel-lost.v3"), ("RMA-1", DeadLetterReason.Behind, "ese.parcels.parcel-lost.v1"),
        ]);
        held[0].EventId.ShouldNotBeNull();
        held[0].Error.ShouldContain("version");
        // To re-drive it there changes nothing.
        var redrive = before.Services.GetRequiredService<DeadLetterRedrive>();
        (await redrive.Redrive(held[0], null, null, CancellationToken.None)).Failure.ShouldNotBeNull();
        (await Letters(before, 2))[0].Reason.ShouldBe(DeadLetterReason.UnknownVersion);
        await before.DisposeAsync();

        var upgraded = Listening;
        var after = await StartTeam(upgraded);

        await Eventually.Within(Limit, async () => (await after.Receipts()).Count, count => count == 3, "what was held to be applied");
        upgraded.Script.Lost.ShouldBe([new("RMA-1", "Graz", 3), new("RMA-1", "somewhere", 0)]);
        await Letters(after, 0);
    }

    [Fact]
    public async Task Should_not_apply_a_discarded_event_of_an_unknown_version_after_an_upgrade()
    {
        var before = await StartTeam(Messaging with { Consumers = topic => topic.Runs<WhenParcelLostBefore>(), Unknown = ["ese.parcels.parcel-lost.v3"] });
        await Broker.Publish(Messaging.Topic, [Of("RMA-1", "ese.parcels.parcel-lost.v3", new ParcelLostV3("RMA-1", "Graz", 3))], CancellationToken.None);
        var held = (await Letters(before, 1))[0];
        await before.Services.GetRequiredService<DeadLetterRedrive>().Discard(held, "Not needed.", "Erika Mustermann", CancellationToken.None);
        await before.DisposeAsync();
        await SendToBeginning();

        var after = await StartTeam(Listening);
        await Broker.Publish(Messaging.Topic, [Of("RMA-1", "ese.parcels.parcel-lost.v1", new ParcelLost("RMA-1"))], CancellationToken.None);

        (await Applied(after, 1)).ShouldHaveSingleItem().Number.ShouldBe(0);
    }

    [Theory]
    [InlineData("ese.parcels.parcel-lost.v3", "ese.parcels.parcel-lost")]
    [InlineData("ese.parcels.parcel-lost.v12", "ese.parcels.parcel-lost")]
    [InlineData("ese.parcels.parcel-lost.v", "")]
    [InlineData("ese.parcels.parcel-lost.vx", "")]
    [InlineData("ese.parcels.parcel-lost", "")]
    [InlineData(".v1", "")]
    [InlineData("", "")]
    public void Should_tell_the_name_that_all_versions_of_a_fact_share(string type, string name) => EventVersion.NameOf(type).ShouldBe(name);

    private static Task<IReadOnlyList<DeadLetter>> Letters(Team team, int count) => Eventually.Within(
        Limit, () => team.Services.GetRequiredService<DeadLetters>().List(new DeadLetterFilter(), 10, CancellationToken.None), letters => letters.Count == count,
        $"{count} dead letters");

    private static OutgoingRecord Of(string key, string type, object fact) => new(key, CloudEvent.Write(Event(key, type, fact), "/elsewhere"));

    [Fact]
    public async Task Should_read_the_newest_version_of_what_is_in_the_log_and_in_a_stream()
    {
        var team = await StartTeam(Listening);
        var types = team.Services.GetRequiredService<EventTypes>();
        await team.Work(async (provider, token) => await provider.GetRequiredService<EventStreams>().Append(
            "RMA-1", 0, Recorded.Select(recorded => New("RMA-1", recorded.Type, recorded.Fact)).ToList(), token));

        var stream = await team.Work((provider, token) => provider.GetRequiredService<EventStreams>().ReadStream("RMA-1", null, token));
        stream.Select(e => e.Read(types)).ShouldBe(Newest);
        await Eventually.Within(Limit, async () => (await team.Events()).Count == 3, "the log to show them");
        (await team.Events()).Select(e => e.Read(types)).ShouldBe(Newest);
        // What is recorded stays as it was recorded.
        stream.Select(e => e.Type).ShouldBe(Recorded.Select(recorded => recorded.Type));
    }

    [Fact]
    public async Task Should_hand_out_the_newest_version_of_a_fact_that_was_remembered()
    {
        var team = await StartTeam(Listening);
        await Databases.Server.Execute(
            string.Join(';', Recorded.Select(recorded =>
                $"insert into ese.early_facts (return_id, type, data) values ('RMA-1', '{recorded.Type}', '{Json(recorded.Fact)}')")),
            new Npgsql.NpgsqlConnectionStringBuilder(Database).Database);

        (await team.Work((provider, token) => provider.GetRequiredService<EarlyFacts>().Take("RMA-1", token))).ShouldBe(Newest);
    }

    [Fact]
    public async Task Should_not_start_a_consumer_of_a_version_that_was_replaced()
    {
        var failure = await Should.ThrowAsync<InvalidOperationException>(() => StartTeam(Messaging with { Consumers = topic => topic.Runs<WhenParcelLostLongAgo>() }));
        failure.Message.ShouldContain($"{typeof(ParcelLost)} is replaced by {typeof(ParcelLostV2)}");
    }

    private static string Json(object fact) => JsonSerializer.Serialize(fact, fact.GetType(), EventJson.Options);

    private static NewEvent New(string returnId, string type, object fact) => new(
        returnId, returnId, Guid.CreateVersion7(), type, DateTimeOffset.UtcNow, "correlation", null, Coordination.Event, null, Json(fact));

    private static RecordedEvent Event(string returnId, string type, object fact) => new(
        0, returnId, 1, Guid.CreateVersion7(), type, returnId, DateTimeOffset.UtcNow, "correlation", null, Coordination.Event, null, Json(fact));
}
