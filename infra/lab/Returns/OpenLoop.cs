using System.Diagnostics;

namespace EseErp.Lab.Returns;

/// <summary>A return with the answer it got, or did not get.</summary>
/// <param name="DueAt">When it was to be filed.</param>
/// <param name="Latency">
/// From that moment to the definite answer, all waiting and repeating included: what a person waits, even where the program
/// that measures was late itself (no coordinated omission).
/// </param>
internal sealed record AnsweredReturn(Arrival Arrival, FiledReturn Filed, DateTimeOffset DueAt, TimeSpan Latency)
{
    public DateTimeOffset AnsweredAt => DueAt + Latency;
}

/// <summary>Files each return when it is due. Nobody waits for the answers of others: a slow system gets no less to do.</summary>
internal sealed class OpenLoop(Intake intake)
{
    private int _sent;

    /// <summary>Returns that were filed, whether or not they have an answer.</summary>
    public int Sent => _sent;

    /// <summary>Returns when every return that was filed has its answer.</summary>
    /// <param name="answered">Hears each answer, several at once at times.</param>
    /// <param name="stopFiling">Files no more; what is filed is still waited for.</param>
    /// <param name="giveUp">Waits no more either.</param>
    public async Task RunAsync(IReadOnlyList<Arrival> arrivals, Action<AnsweredReturn> answered, CancellationToken stopFiling, CancellationToken giveUp)
    {
        var (clock, begin) = (Stopwatch.StartNew(), DateTimeOffset.UtcNow);
        var underWay = new List<Task>();
        foreach (var arrival in arrivals)
        {
            // Not before it is due: a delay is cut to whole milliseconds.
            while (!stopFiling.IsCancellationRequested && (arrival.At - clock.Elapsed).TotalMilliseconds is > 0 and var left)
                await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(left)), stopFiling).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stopFiling.IsCancellationRequested)
                break;
            _sent++;
            underWay.Add(FileAsync(arrival));
        }

        await Task.WhenAll(underWay);

        async Task FileAsync(Arrival arrival)
        {
            var filed = await intake.InsistAsync(arrival.Request, arrival.Client, giveUp);
            answered(new AnsweredReturn(arrival, filed[0], begin + arrival.At, clock.Elapsed - arrival.At));
        }
    }
}
