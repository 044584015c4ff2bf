using EseErp.Messaging.Kafka;

namespace EseErp.Messaging.Tests;

/// <summary>A native client that does not end holds nobody up.</summary>
public sealed class KafkaClientEndTests
{
    [Fact]
    public async Task Should_leave_a_client_behind_that_does_not_end()
    {
        using var end = new ManualResetEventSlim();

        (await Task.Run(() => KafkaBroker.HasEnded(end.Wait, TimeSpan.FromMilliseconds(10))).WaitAsync(TimeSpan.FromSeconds(30))).ShouldBeFalse();

        end.Set();
        KafkaBroker.HasEnded(end.Wait, TimeSpan.FromSeconds(30)).ShouldBeTrue();
    }
}
