using System.Diagnostics;
using System.Globalization;
using EseErp.Launcher.Kafka;
using EseErp.Launcher.Supervision;

namespace EseErp.Launcher.Tests;

/// <summary>A private Apache Kafka in a directory of its own.</summary>
public sealed class LocalKafkaTests : IAsyncDisposable
{
    private readonly string _directory = ThrowAwayDirectory.Create();
    private readonly int _portBase = Ports.FreeBase();
    private readonly LocalKafka _kafka;

    public LocalKafkaTests() => _kafka = Create();

    [Fact]
    public async Task Should_serve_topics_after_a_kill_and_after_a_stop()
    {
        await _kafka.StartAsync();
        await _kafka.CreateTopicAsync("returns", 12);
        await _kafka.CreateTopicAsync("returns", 12);
        var first = _kafka.ProcessId.ShouldNotBeNull();

        await _kafka.KillAsync();
        _kafka.IsRunning.ShouldBeFalse();
        await _kafka.StartAsync();
        _kafka.ProcessId.ShouldNotBeNull().ShouldNotBe(first);
        (await Served("returns")).ShouldBe(12);
        await _kafka.CreateTopicAsync("refunds", 3);

        await _kafka.StopAsync();
        await _kafka.StartAsync();
        (await Served("returns")).ShouldBe(12);
        (await Served("refunds")).ShouldBe(3);
    }

    [Fact]
    public async Task Should_heal_when_its_ZooKeeper_was_killed()
    {
        await _kafka.StartAsync();
        using (var zooKeeper = Process.GetProcessById(ZooKeeper().Pid)) zooKeeper.Kill();
        await Eventually.Within(TimeSpan.FromSeconds(5), () => Task.FromResult(!_kafka.IsRunning), "ZooKeeper has ended");
        await _kafka.StartAsync();
        _kafka.IsRunning.ShouldBeTrue();
        await _kafka.CreateTopicAsync("returns", 12);
    }

    [Fact]
    public async Task Should_leave_no_process_when_it_is_stopped()
    {
        await _kafka.StartAsync();
        ProcessIdentity[] processes = [ProcessIdentity.Of(_kafka.ProcessId!.Value)!, ZooKeeper()];
        await _kafka.StopAsync();
        processes.ShouldAllBe(process => !process.IsAlive);
        Directory.GetFiles(Path.Combine(_directory, "kafka"), "*.pid").ShouldBeEmpty();
    }

    [Fact]
    public async Task Should_end_what_an_earlier_one_has_left_behind()
    {
        await _kafka.StartAsync();
        ProcessIdentity[] processes = [ProcessIdentity.Of(_kafka.ProcessId!.Value)!, ZooKeeper()];
        await using var next = Create();
        await next.StartAsync();
        processes.ShouldAllBe(process => !process.IsAlive);
        await next.CreateTopicAsync("returns", 12);
    }

    [Fact]
    public void Should_leave_no_directory_for_ZooKeeper_and_its_purge_to_race_for()
    {
        var files = new LocalKafkaFiles(_directory);
        files.Write(_portBase, _portBase + 1);
        Directory.Exists(files.ZooKeeperLog).ShouldBeTrue();
        File.ReadAllText(Path.Combine(files.Directory, "zookeeper.properties")).ShouldContain($"dataDir={Path.GetDirectoryName(files.ZooKeeperLog)}\n");
    }

    public ValueTask DisposeAsync() => _kafka.DisposeAsync();

    private LocalKafka Create() => new(_directory, _portBase, _portBase + 1, durable: false);

    private async Task<int> Served(string topic) =>
        (await KafkaMetadata.ServedPartitionsAsync(_kafka.Port, CancellationToken.None)).Count(partition => partition.StartsWith($"{topic}-", StringComparison.Ordinal));

    private ProcessIdentity ZooKeeper()
    {
        var record = Directory.GetFiles(Path.Combine(_directory, "kafka"), "zookeeper-*.pid").ShouldHaveSingleItem();
        return ProcessIdentity.Of(int.Parse(File.ReadAllText(record), CultureInfo.InvariantCulture)).ShouldNotBeNull();
    }
}
