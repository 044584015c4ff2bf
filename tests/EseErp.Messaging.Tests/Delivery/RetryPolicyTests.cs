namespace EseErp.Messaging.Tests;

/// <summary>A consumer's policy is in its definition. That it is kept, <see cref="DeadLetterTests"/> and <see cref="PumpFailureTests"/> show.</summary>
public sealed class RetryPolicyTests
{
    [Fact]
    public void Should_take_the_policy_from_the_consumers_definition()
    {
        RetryPolicy.Of(typeof(ImpatientWhenParcelSent)).ShouldBe(new RetryPolicy(3, TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(50)));
        RetryPolicy.Of(typeof(PatientWhenParcelSent)).ShouldBe(RetryPolicy.Default with { Attempts = 100 });
        RetryPolicy.Of(typeof(WhenParcelSent)).ShouldBe(RetryPolicy.Default);
    }

    [Fact]
    public void Should_double_the_pauses_up_to_the_longest() =>
        Enumerable.Range(1, 6).Select(attempt => RetryPolicy.Of(typeof(ImpatientWhenParcelSent)).PauseAfter(attempt).TotalMilliseconds)
            .ShouldBe([10, 20, 40, 50, 50, 50]);

    [Theory]
    [InlineData(typeof(NeverTried))]
    [InlineData(typeof(NegativePause))]
    [InlineData(typeof(ShrinkingPause))]
    public void Should_refuse_a_policy_that_makes_no_sense(Type consumer) => Should.Throw<InvalidOperationException>(() => RetryPolicy.Of(consumer));

    [Retry(0)]
    private sealed class NeverTried;

    [Retry(3, FirstPauseMilliseconds = -1)]
    private sealed class NegativePause;

    [Retry(3, FirstPauseMilliseconds = 200, LongestPauseMilliseconds = 100)]
    private sealed class ShrinkingPause;
}
