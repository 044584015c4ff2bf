using EseErp.EventStore;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using static EseErp.Messaging.Tests.EventStoreFixture;

namespace EseErp.Messaging.Tests;

public sealed class AppendTests(EventStoreFixture store) : IClassFixture<EventStoreFixture>
{
    [Fact]
    public async Task Should_append_to_a_new_stream_a_known_one_and_whichever()
    {
        var stream = NewStream();

        (await store.Append(stream, 0, NewEvent(stream), NewEvent(stream))).ShouldBe(AppendResult.Appended);
        (await store.Append(stream, 2, NewEvent(stream))).ShouldBe(AppendResult.Appended);
        (await store.Append(stream, null, NewEvent(stream))).ShouldBe(AppendResult.Appended);

        (await store.ReadStream(stream)).Select(e => e.StreamVersion).ShouldBe([1, 2, 3, 4]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Should_answer_a_wrong_expected_version_with_a_conflict(int expected)
    {
        var stream = NewStream();
        await store.Append(stream, 0, NewEvent(stream), NewEvent(stream));

        (await store.Append(stream, expected, NewEvent(stream))).ShouldBe(AppendResult.VersionConflict);

        (await store.ReadStream(stream)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Should_refuse_what_no_broker_takes()
    {
        var stream = NewStream();
        var largest = $$"""{"note":"{{new string('x', EventStreams.MostDataBytes - 11)}}"}""";
        (await store.Append(stream, 0, NewEvent(stream, data: largest))).ShouldBe(AppendResult.Appended);

        await Should.ThrowAsync<ArgumentException>(() => store.Append(stream, 1, NewEvent(stream, data: largest + " ")));
        await Should.ThrowAsync<ArgumentException>(() => store.Append(stream, 1, NewEvent(stream) with { Subject = new string('s', EventStreams.MostSubjectBytes + 1) }));

        (await store.ReadStream(stream)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Should_keep_every_attribute_of_an_event()
    {
        var stream = NewStream();
        var written = NewEvent(stream, "ese.parcels.parcel-sent.v1", """{"returnId":"R","note":"100 % – ünïcödé \\ \" 😀"}""");

        await store.Append(stream, 0, written);

        var read = (await store.ReadStream(stream)).ShouldHaveSingleItem();
        new NewEvent(
            read.StreamId, read.Subject, read.EventId, read.Type, read.Time, read.CorrelationId, read.CausationId, read.Coordination,
            read.TraceParent, read.Data).ShouldBe(written);
    }

    [Fact]
    public async Task Should_let_exactly_one_of_16_concurrent_appenders_win_each_version()
    {
        var stream = NewStream();

        for (var version = 0; version < 8; version++)
        {
            var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => store.Append(stream, version, NewEvent(stream))));
            results.Count(result => result == AppendResult.Appended).ShouldBe(1);
        }

        (await store.ReadStream(stream)).Select(e => e.StreamVersion).ShouldBe(Enumerable.Range(1, 8));
    }

    [Fact]
    public async Task Should_get_16_concurrent_units_of_work_into_one_stream_when_nobody_expects_a_version()
    {
        var stream = NewStream();
        // A loser tries again; each attempt lets at least one through, so a few at a time are enough for the allowed attempts.
        for (var round = 0; round < 4; round++)
            await Task.WhenAll(Enumerable.Range(0, 4).Select(number => store.Team.Send(new ParcelSent(stream, number))));

        (await store.ReadStream(stream)).Select(e => e.StreamVersion).ShouldBe(Enumerable.Range(1, 16));
    }

    [Fact]
    public async Task Should_append_to_many_streams_at_once_and_number_each_for_itself()
    {
        var (one, other) = (NewStream(), NewStream());
        await store.Append(other, 0, NewEvent(other));

        await store.Team.Work(async provider => (await provider.GetRequiredService<EventStreams>().Append(
        [
            new StreamAppend(one, 0, [NewEvent(one), NewEvent(one)]),
            new StreamAppend(other, 1, [NewEvent(other)]),
        ], CancellationToken.None)).ShouldBe(AppendResult.Appended));

        (await store.ReadStream(one)).Select(e => e.StreamVersion).ShouldBe([1, 2]);
        (await store.ReadStream(other)).Select(e => e.StreamVersion).ShouldBe([1, 2]);
    }

    [Fact]
    public async Task Should_write_nothing_when_the_callers_transaction_is_rolled_back()
    {
        var stream = NewStream();
        await using (var scope = store.Team.Services.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<DbContext>();
            await using var transaction = await db.Database.BeginTransactionAsync();
            await scope.ServiceProvider.GetRequiredService<EventStreams>().Append(stream, 0, [NewEvent(stream)], CancellationToken.None);
            await transaction.RollbackAsync();
        }

        (await store.ReadStream(stream)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("update ese.event_log set type = 'x'")]
    [InlineData("delete from ese.event_log")]
    [InlineData("truncate ese.event_log")]
    public async Task Should_refuse_to_change_what_was_recorded(string statement)
    {
        var stream = NewStream();
        await store.Append(stream, 0, NewEvent(stream));

        (await Should.ThrowAsync<PostgresException>(() => store.Execute(statement))).MessageText.ShouldContain("append-only");

        (await store.ReadStream(stream)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Should_read_a_stream_as_of_a_version()
    {
        var stream = NewStream();
        await store.Append(stream, 0, NewEvent(stream), NewEvent(stream), NewEvent(stream));

        (await store.ReadStream(stream, 2)).Select(e => e.StreamVersion).ShouldBe([1, 2]);
        (await store.ReadStream(stream, 9)).Count.ShouldBe(3);
        (await store.ReadStream(NewStream())).ShouldBeEmpty();
    }
}
