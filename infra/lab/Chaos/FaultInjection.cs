using System.Collections.Concurrent;
using System.Diagnostics;
using EseErp.Launcher.Output;

namespace EseErp.Lab.Chaos;

/// <summary>A fault as it was.</summary>
/// <param name="Hit">What was hit; null when it could not be struck at all.</param>
/// <param name="AtSeconds">Since the run began.</param>
/// <param name="RecoveredAfterSeconds">Null when the victim did not come back in time.</param>
internal sealed record StruckFault(int Number, string Kind, string Victim, string? Hit, double AtSeconds, double? RecoveredAfterSeconds);

/// <summary>
/// Strikes as planned: a fault does not wait for the one before it, except where both have the same victim, which has to be
/// back first.
/// </summary>
internal sealed class FaultInjection(FaultScene scene, IReadOnlyList<PlannedFault> plan, Pace pace, Stopwatch clock, Action<string> report)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan s_lastGap = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentBag<StruckFault> _struck = [];
    private int _begun;
    private int _recovered;

    /// <summary>Faults that have struck so far, and how many of them are not over.</summary>
    public (int Struck, int Open) Progress => (_begun, _begun - _recovered);

    public IReadOnlyList<StruckFault> Struck => [.. _struck.OrderBy(fault => fault.Number)];

    /// <summary>Returns when every victim is back, or has had time enough to be.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var recoveries = new List<Task>();
        try
        {
            foreach (var fault in plan)
            {
                await pace.PassAsync(fault.Gap, cancellationToken);
                if (await StrikeAsync(fault, cancellationToken) is var (blow, at))
                    recoveries.Add(RecoverAsync(fault, blow, at, cancellationToken));
            }

            await pace.PassAsync(s_lastGap, cancellationToken);
        }
        finally
        {
            await Task.WhenAll(recoveries);
        }
    }

    private async Task<(Blow Blow, TimeSpan At)?> StrikeAsync(PlannedFault fault, CancellationToken cancellationToken)
    {
        var patience = Stopwatch.StartNew();
        while (patience.Elapsed < s_limit)
        {
            var at = clock.Elapsed;
            if (await fault.Kind.Strike(scene, fault, cancellationToken) is { } blow)
            {
                _begun++;
                report($"{Screen.Clock(at)}  fault {fault.Number} of {plan.Count}: {fault.Kind}: {blow.Hit}");
                return (blow, at);
            }

            await Task.Delay(s_retry, cancellationToken);
        }

        report($"{Screen.Clock(clock.Elapsed)}  fault {fault.Number} of {plan.Count}: {fault.Kind}: {fault.Victim} was not running within {s_limit.TotalSeconds:0} s, so it was left out");
        _struck.Add(new StruckFault(fault.Number, fault.Kind.Name, fault.Victim, null, clock.Elapsed.TotalSeconds, null));
        return null;
    }

    private async Task RecoverAsync(PlannedFault fault, Blow blow, TimeSpan at, CancellationToken cancellationToken)
    {
        double? after = null;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_limit);
        try
        {
            await blow.Recovery(limit.Token);
            after = (clock.Elapsed - at).TotalSeconds;
        }
        catch (OperationCanceledException)
        {
            if (!cancellationToken.IsCancellationRequested)
                report($"{Screen.Clock(clock.Elapsed)}  fault {fault.Number} of {plan.Count}: {blow.Hit} is not back after {s_limit.TotalSeconds:0} s");
        }
        finally
        {
            scene.Release(blow.Claim);
            Interlocked.Increment(ref _recovered);
            _struck.Add(new StruckFault(fault.Number, fault.Kind.Name, fault.Victim, blow.Hit, at.TotalSeconds, after));
        }
    }
}
