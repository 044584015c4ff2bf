namespace EseErp.Messaging.Tests;

/// <summary>What the members of a group may rely on while nothing is broken.</summary>
public abstract class BrokerGroups(IBrokerEngine engine) : BrokerConformance(engine)
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Should_share_a_group_so_that_every_record_goes_to_exactly_one_member(int count)
    {
        var (broker, topic) = await NewTopic(partitions: 12);
        var (group, journal) = (NewGroup(), new Journal());
        var members = new List<Member>();
        for (var number = 0; number < count; number++)
            members.Add(await Work(await Engine.Connect(), group, [topic], journal, $"member {number}"));
        // A member that has just joined takes part before it has its whole share.
        await UntilAllTakePart(broker, topic, journal, members.ConvertAll(member => member.Name), mostPartitions: 12 / count);
        var before = journal.Entries.Count;

        await Publish(broker, topic, Enumerable.Range(100_000, 1000));

        await Eventually.Within(Limit, () => Task.FromResult(journal.Entries.Count), n => n >= before + 1000, "all records");
        foreach (var member in members) await member.DisposeAsync();
        var stable = journal.Entries.Where(entry => NumberOf(entry.Record) >= 100_000).ToList();
        stable.Select(entry => NumberOf(entry.Record)).Order().ShouldBe(Enumerable.Range(100_000, 1000));
        stable.Select(entry => entry.Member).Distinct().Count().ShouldBe(count);
        foreach (var partition in stable.GroupBy(entry => entry.Record.Partition)) partition.Select(entry => entry.Member).Distinct().Count().ShouldBe(1);
        journal.Collisions.ShouldBeEmpty();
    }

    [Fact]
    public async Task Should_give_a_joining_member_its_share_of_a_group_that_is_never_idle()
    {
        var (broker, topic) = await NewTopic(partitions: 6);
        var (group, journal) = (NewGroup(), new Journal());
        var published = 0;
        await More();
        // Work takes a moment and there is always more of it, so that every lane is busy nearly all the time.
        Func<RecordBatch, Task> work = _ => Task.Delay(40);
        await using var first = await Work(broker, group, [topic], journal, "first", workers: 3, batchSize: 10, work);
        await Eventually.Within(Limit, () => Task.FromResult(journal.Entries.Select(entry => entry.Record.Partition).Distinct().Count()), n => n == 6, "the first member to work on all lanes");

        await using var second = await Work(await Engine.Connect(), group, [topic], journal, "second", workers: 3, batchSize: 10, work);

        await Eventually.Within(
            Limit, async () =>
            {
                await More();
                return journal.Entries.Where(entry => entry.Member == "second").Select(entry => entry.Record.Partition).Distinct().Count();
            },
            n => n == 3, "the second member to work on half of the lanes");
        journal.Collisions.ShouldBeEmpty();

        async Task More()
        {
            if (published - journal.Entries.Count > 2000) return;
            await Publish(broker, topic, Enumerable.Range(published, 2000), keys: 400);
            published += 2000;
        }
    }

    [Fact]
    public async Task Should_give_a_leaving_members_share_to_the_others_and_lose_nothing()
    {
        var (broker, topic) = await NewTopic(partitions: 6);
        var (group, journal) = (NewGroup(), new Journal());
        await using var staying = await Work(broker, group, [topic], journal, "staying");
        await using var leaving = await Work(await Engine.Connect(), group, [topic], journal, "leaving");
        await UntilAllTakePart(broker, topic, journal, ["staying", "leaving"], mostPartitions: 3);

        var publishing = Publish(broker, topic, Enumerable.Range(100_000, 1000));
        await leaving.DisposeAsync();
        await publishing;
        await Publish(broker, topic, Enumerable.Range(200_000, 100));

        await Eventually.Within(Limit, () => Task.FromResult(Numbers(journal, 100_000).Distinct().Count()), n => n == 1100, "all records");
        journal.Entries.Where(entry => NumberOf(entry.Record) >= 200_000).ShouldAllBe(entry => entry.Member == "staying");
        journal.Collisions.ShouldBeEmpty();
    }

    [Fact]
    public async Task Should_hand_a_lane_to_one_worker_at_a_time_across_topics_and_members()
    {
        var (broker, one) = await NewTopic();
        var other = await NewTopic(broker);
        var (group, journal) = (NewGroup(), new Journal(Engine.KeepsLanesTogether));
        Func<RecordBatch, Task> work = _ => Task.Delay(5);
        await using var first = await Work(broker, group, [one, other], journal, "first", workers: 4, batchSize: 5, work);
        await using var second = await Work(await Engine.Connect(), group, [one, other], journal, "second", workers: 4, batchSize: 5, work);

        await Task.WhenAll(Publish(broker, one, Enumerable.Range(0, 400)), Publish(broker, other, Enumerable.Range(0, 400)));

        await Eventually.Within(Limit, () => Task.FromResult(journal.Entries.Select(entry => (entry.Record.Topic, entry.Record.Partition, entry.Record.Offset)).Distinct().Count()), n => n == 800, "all records");
        journal.Collisions.ShouldBeEmpty();
        ShouldBeInOrder(journal.Entries.Select(entry => entry.Record).DistinctBy(record => (record.Topic, record.Partition, record.Offset)));
    }

    [Fact]
    public async Task Should_not_keep_the_rest_of_the_group_from_working_while_one_worker_is_held_up()
    {
        var (broker, topic) = await NewTopic(partitions: 4);
        var (group, journal) = (NewGroup(), new Journal());
        await Publish(broker, topic, Enumerable.Range(0, 400));
        var release = new TaskCompletionSource();
        var held = 0;
        await using var member = await Work(
            broker, group, [topic], journal, "member", workers: 4, batchSize: 10, _ => Interlocked.Increment(ref held) == 1 ? release.Task : Task.CompletedTask);

        await Eventually.Within(Limit, async () =>
        {
            var done = (await Positions(broker, group, topic)).Count(position => position.Lag == 0);
            done.ShouldBe(3);
        }, "the lanes that are not held up");
        release.SetResult();
        await Eventually.Within(Limit, async () => (await Positions(broker, group, topic)).All(position => position.Lag == 0), "the last lane");
    }

    private static IEnumerable<int> Numbers(Journal journal, int from) => journal.Entries.Select(entry => NumberOf(entry.Record)).Where(number => number >= from);

    private static async Task UntilAllTakePart(IBroker broker, string topic, Journal journal, IReadOnlyCollection<string> members, int mostPartitions)
    {
        var number = 0;
        await Eventually.Within(Limit, async () =>
        {
            // Twelve records each for some partition: whoever owns lanes gets some of them soon.
            var seen = journal.Entries.Count;
            await Publish(broker, topic, Enumerable.Range(number, 40));
            number += 40;
            await Eventually.Within(Limit, () => Task.FromResult(journal.Entries.Count >= seen + 40), "a round of records");
            var last = journal.Entries.Where(entry => NumberOf(entry.Record) >= number - 40).ToList();
            // Stable: each has some and none more than its share, none came twice.
            return last.Count == 40
                && members.All(member => last.Where(entry => entry.Member == member).Select(entry => entry.Record.Partition).Distinct().Count() is var own && own > 0 && own <= mostPartitions);
        }, "every member to take part");
    }
}
