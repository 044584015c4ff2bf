using System.Reflection;

namespace EseErp.Messaging;

/// <summary>
/// A consumer's retry policy, in its definition:
/// <c>[Retry(10, FirstPauseMilliseconds = 200)] public sealed class WhenRefundIssued : IConsumer&lt;RefundIssued&gt;</c>.
/// A consumer without one has <see cref="RetryPolicy.Default"/>. Where several consumers react to one event of a topic they
/// share its transaction, hence its attempts, and the most patient decides.
/// </summary>
/// <param name="attempts">In all, 1 or more.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class RetryAttribute(int attempts) : Attribute
{
    /// <summary>In all, 1 or more.</summary>
    public int Attempts { get; } = attempts;

    /// <summary>Before the second attempt; each later pause is twice as long as the one before. Default 100 ms.</summary>
    public int FirstPauseMilliseconds { get; init; } = 100;

    /// <summary>Pauses do not grow beyond it. Default 10,000 ms.</summary>
    public int LongestPauseMilliseconds { get; init; } = 10_000;
}

/// <summary>
/// How often an event that a consumer fails on is tried before it becomes a dead letter. Each attempt has a fresh scope and
/// transaction; the pauses between them double. What the database's absence costs is not counted.
/// </summary>
/// <param name="Attempts">In all, 1 or more.</param>
/// <param name="FirstPause">Before the second attempt.</param>
/// <param name="LongestPause">Pauses do not grow beyond it.</param>
public sealed record RetryPolicy(int Attempts, TimeSpan FirstPause, TimeSpan LongestPause)
{
    /// <summary>Six attempts within about three seconds: 100, 200, 400, 800, 1,600 ms apart.</summary>
    public static RetryPolicy Default { get; } = new(6, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(10));

    /// <summary>The policy in a consumer's definition.</summary>
    /// <exception cref="InvalidOperationException">Its numbers make no sense.</exception>
    public static RetryPolicy Of(Type consumer)
    {
        if (consumer.GetCustomAttribute<RetryAttribute>() is not { } retry) return Default;
        if (retry.Attempts < 1 || retry.FirstPauseMilliseconds < 0 || retry.LongestPauseMilliseconds < retry.FirstPauseMilliseconds)
            throw new InvalidOperationException($"{consumer} is to be tried once or more, with pauses of 0 ms or more up to the longest.");
        return new RetryPolicy(retry.Attempts, TimeSpan.FromMilliseconds(retry.FirstPauseMilliseconds), TimeSpan.FromMilliseconds(retry.LongestPauseMilliseconds));
    }

    /// <summary>The pause after a failed attempt, counted from 1.</summary>
    public TimeSpan PauseAfter(int attempt) =>
        TimeSpan.FromTicks(Math.Min(FirstPause.Ticks << Math.Min(attempt - 1, 20), LongestPause.Ticks));
}
