using System.ComponentModel.DataAnnotations;

namespace EseErp.UserSupport.Traditional;

/// <summary>How User Support calls the teams. Configuration section <c>UserSupport:Traditional</c>.</summary>
public sealed class TraditionalOptions
{
    /// <summary>Longest a request waits for the whole process, after which it is answered as incomplete. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan Budget { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest a single attempt of a call takes. Default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Attempts after the first, with exponential pauses and jitter. Default 2.</summary>
    [Range(0, 10)]
    public int Retries { get; set; } = 2;

    /// <summary>Pause before the first retry. Default 100 ms.</summary>
    public TimeSpan RetryPause { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>A team whose calls mostly fail is left alone for this long. Default 5 s.</summary>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a process belongs to the one that drives it, beyond its last step. Default 15 s.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(15);
}
