namespace EseErp.Messaging.Tests;

public sealed class KafkaPumpTests(TestDatabases databases, RealKafkaEngine kafka) : PumpSpec(databases, kafka), IClassFixture<RealKafkaEngine>;

public sealed class KafkaPumpFailureTests(TestDatabases databases, RealKafkaEngine kafka) : PumpFailureSpec(databases, kafka), IClassFixture<RealKafkaEngine>;

public sealed class KafkaDeadLetterTests(TestDatabases databases, RealKafkaEngine kafka) : DeadLetterSpec(databases, kafka), IClassFixture<RealKafkaEngine>;

public sealed class KafkaRelayTests(TestDatabases databases, RealKafkaEngine kafka) : RelaySpec(databases, kafka), IClassFixture<RealKafkaEngine>;

public sealed class KafkaReplayTests(TestDatabases databases, RealKafkaEngine kafka) : ReplaySpec(databases, kafka), IClassFixture<RealKafkaEngine>;

public sealed class KafkaOrderTests(TestDatabases databases, RealKafkaEngine kafka) : OrderSpec(databases, kafka), IClassFixture<RealKafkaEngine>;

public sealed class KafkaOffsetTests(TestDatabases databases, RealKafkaEngine kafka) : OffsetSpec(databases, kafka), IClassFixture<RealKafkaEngine>;

/// <summary>A service that is killed between the two halves of publishing: Kafka has acknowledged, and the position is not noted.</summary>
public sealed class KafkaUnnotedTests(TestDatabases databases, RealKafkaEngine kafka) : DeliverySpec(databases, kafka), IClassFixture<RealKafkaEngine>
{
    [Fact]
    public async Task Should_be_published_again_and_applied_once_what_was_acknowledged_and_not_noted()
    {
        var parcels = Parcels("RMA-1", 0, 10).Concat(Parcels("RMA-2", 0, 10)).ToList();
        await using (var killed = await Team.Start(Database, Messaging with { Consumes = false, Decorate = broker => new ForgetfulBroker(broker) }))
        {
            await killed.Send(parcels);
            await Eventually.Within(Limit, End, end => end == 20, "all to be published");
        }

        (await Ask<long>("select coalesce(max(position), 0) from ese.relay_position")).ShouldBe(0);

        var team = await StartTeam();

        await Eventually.Within(Limit, End, end => end == 40, "all to be published again");
        ShouldBeOnceEach(await Applied(team, 20), parcels);
        await Eventually.Within(Limit, () => Ask<long>("select coalesce(max(position), 0) from ese.relay_position"), position => position == 20, "the position to be noted");
    }

    /// <summary>Its logs' positions are never noted.</summary>
    private sealed class ForgetfulBroker(IBroker inner) : IBroker, IAsyncDisposable
    {
        public Task CreateTopics(IReadOnlyCollection<string> topics, int partitions, CancellationToken cancellationToken) =>
            inner.CreateTopics(topics, partitions, cancellationToken);

        public Task Publish(string topic, IReadOnlyList<OutgoingRecord> records, CancellationToken cancellationToken) => inner.Publish(topic, records, cancellationToken);

        public Task<ILogPublisher> OpenPublisher(string producer, IPublishedPosition position, CancellationToken cancellationToken) =>
            inner.OpenPublisher(producer, new Forgetful(position), cancellationToken);

        public Task<IGroupConsumer> Join(
            string group, IReadOnlyCollection<string> topics, ConsumeOptions options, IGroupOffsets offsets, CancellationToken cancellationToken) =>
            inner.Join(group, topics, options, offsets, cancellationToken);

        public Task<IReadOnlyList<PartitionEnds>> Ends(IReadOnlyCollection<string> topics, CancellationToken cancellationToken) => inner.Ends(topics, cancellationToken);

        public Task<IReadOnlyList<PartitionEnds>> EndsNow(IReadOnlyCollection<string> topics, CancellationToken cancellationToken) => inner.EndsNow(topics, cancellationToken);

        public Task<IReadOnlyDictionary<string, int>> Partitions(IReadOnlyCollection<string> topics, CancellationToken cancellationToken) =>
            inner.Partitions(topics, cancellationToken);

        public Task<bool> HasMembers(string group, CancellationToken cancellationToken) => inner.HasMembers(group, cancellationToken);

        public Task NoteOffsets(string group, IReadOnlyCollection<OffsetMove> offsets, CancellationToken cancellationToken) =>
            inner.NoteOffsets(group, offsets, cancellationToken);

        public Task Ping(CancellationToken cancellationToken) => inner.Ping(cancellationToken);

        public Task ApplyRetention(CancellationToken cancellationToken) => inner.ApplyRetention(cancellationToken);

        public Task<bool> HoldsRecordsBefore(DateTimeOffset time, IReadOnlyCollection<string> topics, CancellationToken cancellationToken) =>
            inner.HoldsRecordsBefore(time, topics, cancellationToken);

        public ValueTask DisposeAsync() => ((IAsyncDisposable)inner).DisposeAsync();

        private sealed class Forgetful(IPublishedPosition inner) : IPublishedPosition
        {
            public Task<long> Read(CancellationToken cancellationToken) => inner.Read(cancellationToken);

            public Task Move(long from, long to, CancellationToken cancellationToken) => throw new TimeoutException("It comes too late.");

            public Task<bool> Holds(long position, Guid eventId, CancellationToken cancellationToken) => inner.Holds(position, eventId, cancellationToken);
        }
    }
}

public sealed class KafkaBadMessageTests(TestDatabases databases, RealKafkaEngine kafka) : BadMessageSpec(databases, kafka), IClassFixture<RealKafkaEngine>;
