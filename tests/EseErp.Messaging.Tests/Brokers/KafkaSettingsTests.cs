using Confluent.Kafka;
using EseErp.Messaging.Kafka;
using Microsoft.Extensions.Configuration;

namespace EseErp.Messaging.Tests;

public sealed class KafkaSettingsTests
{
    [Fact]
    public void Should_pass_security_settings_to_every_client()
    {
        var settings = Read(
            ("KAFKA_SECURITY_PROTOCOL", "SASL_SSL"), ("KAFKA_SASL_MECHANISM", "SCRAM-SHA-512"), ("KAFKA_SASL_USERNAME", "sales"),
            ("KAFKA_SASL_PASSWORD", "secret"), ("KAFKA_SSL_CA_LOCATION", "/etc/ca.pem"), ("Ese:Kafka:compression.type", "lz4"));

        foreach (var client in new[] { settings.Producer(), settings.Consumer("sales"), settings.Client() })
        {
            client["bootstrap.servers"].ShouldBe("one:9092,two:9092");
            client["security.protocol"].ShouldBe("SASL_SSL");
            client["sasl.mechanism"].ShouldBe("SCRAM-SHA-512");
            client["sasl.username"].ShouldBe("sales");
            client["sasl.password"].ShouldBe("secret");
            client["ssl.ca.location"].ShouldBe("/etc/ca.pem");
            client["compression.type"].ShouldBe("lz4");
        }
    }

    [Fact]
    public void Should_ignore_variables_of_other_programs()
    {
        var client = Read(("KAFKA_HEAP_OPTS", "-Xmx1g"), ("KAFKA_HOME", "/opt/kafka"), ("KAFKA_OPTS", "-Dx")).Client();

        client.Keys.ShouldNotContain(key => key.StartsWith("heap") || key.StartsWith("home") || key.StartsWith("opts"));
    }

    [Fact]
    public void Should_not_let_a_setting_weaken_what_is_promised()
    {
        var settings = Read(
            ("Ese:Kafka:acks", "0"), ("Ese:Kafka:enable.idempotence", "false"), ("Ese:Kafka:message.timeout.ms", "5"),
            ("Ese:Kafka:enable.auto.offset.store", "true"), ("Ese:Kafka:auto.offset.reset", "latest"), ("Ese:Kafka:group.id", "another"));

        var (producer, consumer) = (settings.Producer(), settings.Consumer("sales"));

        (producer["acks"], producer["enable.idempotence"], producer["message.timeout.ms"]).ShouldBe(("all", "true", "0"));
        (consumer["enable.auto.offset.store"], consumer["auto.offset.reset"], consumer["group.id"]).ShouldBe(("false", "earliest", "sales"));
        consumer["partition.assignment.strategy"].ShouldBe("cooperative-sticky");
    }

    [Fact]
    public void Should_keep_order_on_a_broker_without_idempotence_by_one_request_at_a_time()
    {
        var producer = Read(("KAFKA_BROKER_VERSION", "0.9.0.1")).Producer();

        (producer["enable.idempotence"], producer["max.in.flight.requests.per.connection"], producer["acks"]).ShouldBe(("false", "1", "all"));
        (producer["api.version.request"], producer["broker.version.fallback"]).ShouldBe(("false", "0.9.0.1"));
    }

    [Theory]
    [InlineData("KAFKA_BOOTSTRAP_SERVERS", "", "KAFKA_BOOTSTRAP_SERVERS is not set")]
    [InlineData("KAFKA_BROKER_VERSION", "old", "KAFKA_BROKER_VERSION must be a version")]
    [InlineData("Ese:Kafka:Replication", "0", "Ese:Kafka:Replication must be a number from 1 to 32")]
    [InlineData("Ese:Kafka:Replication", "many", "Ese:Kafka:Replication must be a number from 1 to 32")]
    public void Should_say_what_is_wrong_with_a_setting(string name, string value, string message) =>
        Should.Throw<InvalidOperationException>(() => Read((name, value))).Message.ShouldContain(message);

    [Theory]
    [InlineData(ErrorCode.Local_Transport, true)]
    [InlineData(ErrorCode.Local_TimedOutQueue, true)]
    [InlineData(ErrorCode.NotEnoughReplicas, true)]
    [InlineData(ErrorCode.GroupLoadInProgress, true)]
    [InlineData(ErrorCode.TopicAuthorizationFailed, false)]
    [InlineData(ErrorCode.MsgSizeTooLarge, false)]
    [InlineData(ErrorCode.UnknownMemberId, false)]
    public void Should_tell_an_outage_from_a_refusal(ErrorCode code, bool outage)
    {
        KafkaBroker.IsOutage(new KafkaException(code)).ShouldBe(outage);
        KafkaBroker.IsOutage(new TopicPartitionOffsetException([new TopicPartitionOffsetError("topic", 0, 5, new Error(code))])).ShouldBe(outage);
    }

    private static KafkaSettings Read(params (string Name, string Value)[] settings) => KafkaSettings.Read(new ConfigurationBuilder()
        .AddInMemoryCollection(new Dictionary<string, string?> { ["KAFKA_BOOTSTRAP_SERVERS"] = "one:9092,two:9092" })
        .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)))
        .Build());
}
