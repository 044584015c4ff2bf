namespace EseErp.Messaging;

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

    /// <summary>The pause after a failed attempt, counted from 1.</summary>
    public TimeSpan PauseAfter(int attempt) =>
        TimeSpan.FromTicks(Math.Min(FirstPause.Ticks << Math.Min(attempt - 1, 20), LongestPause.Ticks));
}
