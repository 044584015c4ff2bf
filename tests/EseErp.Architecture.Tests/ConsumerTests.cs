using EseErp.Architecture.Tests.Reading;
using EseErp.Architecture.Tests.Rules;

namespace EseErp.Architecture.Tests;

/// <summary>The pump owns transaction, retry and dead letters; a consumer must not get in its way.</summary>
public sealed class ConsumerTests
{
    [Fact]
    public void Should_leave_commit_and_failure_to_the_pump()
    {
        var consumers = Repository.Services.SelectMany(service => service.Types).SelectMany(TypeUses.WithNested).Where(ConsumerRules.IsConsumer).ToList();
        consumers.Count.ShouldBeGreaterThan(10);
        consumers.SelectMany(ConsumerRules.Faults).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("CleanConsumer", null)]
    [InlineData("SavingConsumer", "calls SaveChangesAsync")]
    [InlineData("CatchingConsumer", "catches exceptions (in Consume)")]
    [InlineData("CatchingAsyncConsumer", "catches exceptions (in MoveNext)")]
    public void Should_notice_a_consumer_that_does_the_pumps_work(string sample, string? fault)
    {
        var type = Repository.Samples.MainModule.GetType($"EseErp.Architecture.Tests.Samples.{sample}");
        ConsumerRules.IsConsumer(type).ShouldBeTrue();
        ConsumerRules.Faults(type).ShouldBe(fault is null ? [] : [$"{type.FullName} {fault}"]);
    }
}
