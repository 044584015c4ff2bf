using System.Diagnostics;

namespace EseErp.Lab.Auditing;

/// <summary>Waits until nothing is under way any more.</summary>
internal sealed class Settling(BacklogReader reader, TimeSpan patience)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(500);

    /// <summary>The backlog last seen: empty, or what is left when there was no progress for too long. Null: it could not be read.</summary>
    public async Task<Backlog?> RunAsync(IReadOnlyCollection<string> returnIds, CancellationToken cancellationToken)
    {
        var withoutProgress = Stopwatch.StartNew();
        Backlog? last = null;
        while (true)
        {
            var backlog = await reader.ReadAsync(returnIds, cancellationToken);
            if (backlog is { IsEmpty: true })
                return backlog;
            if (backlog is not null && backlog != last)
            {
                last = backlog;
                withoutProgress.Restart();
            }

            if (withoutProgress.Elapsed > patience)
                return last;
            await Task.Delay(s_pause, cancellationToken);
        }
    }
}
