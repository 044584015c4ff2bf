using System.Text;
using EseErp.EventStore;

namespace EseErp.Messaging.Tests;

public sealed class CloudEventTests
{
    private static readonly EventTypes Types = new(ParcelDb.Contracts);

    private const string Valid =
        """
        {"specversion":"1.0","id":"0197f3a0-0000-7000-8000-000000000001","source":"/sales","type":"ese.parcels.parcel-sent.v1",
         "subject":"RMA-1","time":"2026-01-02T03:04:05Z","correlationid":"c","coordination":"event","streamversion":3,
         "data":{"returnId":"RMA-1","number":5,"laterField":{"of":"a newer build"}}}
        """;

    [Fact]
    public void Should_read_what_it_wrote()
    {
        var written = new RecordedEvent(
            2, "RMA-1", 7, Guid.CreateVersion7(), "ese.parcels.parcel-sent.v1", "RMA-1", new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)),
            "correlation", "cause", Coordination.Traditional, "00-trace", """{"returnId":"RMA-1","number":5}""");

        var read = CloudEvent.Read(CloudEvent.Write(written, "/sales"), Types);

        read.ShouldBe(new ReceivedEvent(
            written.EventId, "/sales", written.Type, "RMA-1", written.Time, "correlation", "cause", Coordination.Traditional, "00-trace", 7, new ParcelSent("RMA-1", 5)));
        CloudEvent.TypeOf(CloudEvent.Write(written, "/sales")).ShouldBe(written.Type);
    }

    [Fact]
    public void Should_ignore_fields_a_newer_publisher_has_added() =>
        CloudEvent.Read(Encoding.UTF8.GetBytes(Valid), Types).Message.ShouldBe(new ParcelSent("RMA-1", 5));

    // A database takes no offset but that of UTC. Two times with different offsets are equal, so the offset is asked for, too.
    [Fact]
    public void Should_read_the_time_in_UTC_wherever_the_publisher_is()
    {
        var time = CloudEvent.Read(Encoding.UTF8.GetBytes(Valid.Replace("2026-01-02T03:04:05Z", "2026-01-02T05:04:05+02:00", StringComparison.Ordinal)), Types).Time;

        (time.DateTime, time.Offset).ShouldBe((new DateTime(2026, 1, 2, 3, 4, 5), TimeSpan.Zero));
    }

    [Theory]
    [InlineData("\"id\":\"0197f3a0-0000-7000-8000-000000000001\"", "\"id\":\"1\"")]
    [InlineData("\"source\":\"/sales\",", "")]
    [InlineData("\"subject\":\"RMA-1\"", "\"subject\":null")]
    [InlineData("\"type\":\"ese.parcels.parcel-sent.v1\"", "\"type\":null")]
    [InlineData("\"type\":\"ese.parcels.parcel-sent.v1\"", "\"type\":\"ese.parcels.parcel-sent.v2\"")]
    [InlineData("\"type\":\"ese.parcels.parcel-sent.v1\"", "\"type\":7")]
    [InlineData("2026-01-02T03:04:05Z", "yesterday")]
    [InlineData("2026-01-02T03:04:05Z", "1969-12-31T23:59:59Z")]
    [InlineData("\"streamversion\":3", "\"streamversion\":\"three\"")]
    [InlineData("\"data\":{", "\"payload\":{")]
    [InlineData("\"number\":5", "\"number\":\"five\"")]
    [InlineData("\"returnId\":\"RMA-1\"", "\"returnId\":null")]
    [InlineData("}}}", "}}")]
    public void Should_call_unreadable_what_is(string good, string bad)
    {
        Valid.ShouldContain(good);
        var value = Encoding.UTF8.GetBytes(Valid.Replace(good, bad, StringComparison.Ordinal));
        Should.Throw<UnreadableEventException>(() => CloudEvent.Read(value, Types));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"type\":7}")]
    [InlineData("{\"data\":{\"type\":\"inner\"}}")]
    [InlineData("{\"type\"")]
    [InlineData("{\"type\":\"\\ud800\"}")]
    public void Should_find_no_type_where_there_is_none(string value) => CloudEvent.TypeOf(Encoding.UTF8.GetBytes(value)).ShouldBeNull();

    // From the tests of Apache Kafka's own partitioner.
    [Theory]
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("a-little-bit-longer-string", -1486304829)]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)]
    [InlineData("abc", 479470107)]
    public void Should_choose_the_partition_that_kafka_would(string key, int murmur2) =>
        Partitioner.PartitionOf(key, 12).ShouldBe((murmur2 & 0x7fffffff) % 12);
}
