using System.ComponentModel.DataAnnotations;

namespace EseErp.UserSupport.Traditional;

/// <summary>How User Support calls the teams. Configuration section <c>UserSupport:Traditional</c>.</summary>
public sealed class TraditionalOptions
{
    /// <summary>The longest time a request waits for the whole process; then it is answered as incomplete. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan Budget { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Time limit for a single attempt of a call. Default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Attempts after the first, with exponential pauses and jitter. Default 2.</summary>
    [Range(0, 10)]
    public int Retries { get; set; } = 2;

    /// <summary>Pause before the first retry. Default 100 ms.</summary>
    public TimeSpan RetryPause { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Calls to a team of which most calls fail are paused for this time. Default 5 s.</summary>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a silent team is asked whether it is ready; when it is, what waits for it continues. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Whether Inventory, Manufacturing and Accounting are called in parallel, after Sales has decided; none of them needs another's answer.
    /// Otherwise one after another. Default false; see docs/decisions/0012.
    /// </summary>
    public bool Parallel { get; set; }

    /// <summary>How many returns one process drives at the same time in the background. Default 16.</summary>
    [Range(1, 256)]
    public int AtOnce { get; set; } = 16;

    /// <summary>How long a return belongs to its driver after the last step. Default 15 s.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long User Support waits before it asks again a team that has not decided: Sales on a refund under review, Inventory on a replacement that
    /// waits for stock. Default 2 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan LookAgainAfter { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often User Support looks for returns that it can continue, overdue ones included. Default 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Pause before an incomplete return is tried again automatically; it doubles with each attempt without an answer. Default 2 s.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan ResumePause { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The pause does not grow beyond this. Default 5 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00")]
    public TimeSpan LongestResumePause { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Whether a lease holds. One that ends later than any lease lasts was given by a clock that was ahead; it would hold for as long as the clock was wrong.
    /// </summary>
    public bool IsHeld(DateTimeOffset? until, DateTimeOffset now) => until > now && until <= now + Lease;

    /// <summary>No return sleeps longer than this, by the same rule.</summary>
    internal TimeSpan LongestSleep => new[] { LongestResumePause, LookAgainAfter, TraditionalCourse.ToBeDriven }.Max();

    /// <summary>How long a return is left alone after so many drives in a row without an answer.</summary>
    public TimeSpan PauseAfter(int failures) => failures == 0
        ? TimeSpan.Zero
        : TimeSpan.FromTicks(Math.Min(ResumePause.Ticks << Math.Min(failures - 1, 20), LongestResumePause.Ticks));
}
