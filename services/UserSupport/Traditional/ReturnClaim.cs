using EseErp.EventStore;
using EseErp.ServiceDefaults;
using EseErp.UserSupport.Returns;
using Microsoft.Extensions.Options;

namespace EseErp.UserSupport.Traditional;

/// <summary>Takes something into a traditional return that changes its course, and then drives it.</summary>
public sealed class ReturnClaim(
    IServiceProvider scope, Documents documents, UnitOfWork unit, TraditionalProcess process, TraditionalAnswers answers, IOptions<TraditionalOptions> options,
    TimeProvider clock, IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan Recheck = TimeSpan.FromMilliseconds(50);

    // Why not, the return that is driven by someone else, or the one that is to be driven.
    private sealed record Claimed(IResult? Refusal, TraditionalReturn? Busy = null, Progress? Mine = null);

    /// <summary>
    /// Changes the return and claims it in one transaction, and drives it after that: a crash in between is no more than a driver that died.
    /// While someone else drives it this waits.
    /// </summary>
    /// <param name="change">Changes the return, or answers why not. It may run more than once.</param>
    /// <param name="answer">The answer when the drive is over.</param>
    /// <param name="inEventMode">Why a return that User Support does not carry is refused.</param>
    public async Task<IResult> Drive(
        string returnId, Func<TraditionalReturn, IResult?> change, Func<Progress, IResult> answer, CancellationToken cancellationToken, string inEventMode = "This return runs in event mode.")
    {
        var driver = Guid.CreateVersion7();
        var since = clock.GetTimestamp();
        while (true)
        {
            var claimed = await unit.Run(token => Claim(returnId, driver, change, inEventMode, token), cancellationToken);
            if (claimed.Refusal is { } refusal) return refusal;
            if (claimed.Mine is { } mine) return answer(await process.Drive(mine, driver, lifetime.ApplicationStopping));
            if (clock.GetElapsedTime(since) > options.Value.Budget) return answers.Filed(new Progress(claimed.Busy!, [], Busy: true));
            await Task.Delay(Recheck, clock, cancellationToken);
        }
    }

    private async Task<Claimed> Claim(string returnId, Guid driver, Func<TraditionalReturn, IResult?> change, string inEventMode, CancellationToken cancellationToken)
    {
        if (await TraditionalProcess.Read(returnId, scope, cancellationToken) is not (var saga, var steps))
            return new Claimed(await documents.Find<Return>(returnId, cancellationToken) is null ? Problems.NotFound("return", returnId) : Problems.Conflict(inEventMode));
        if (options.Value.IsHeld(saga.DrivenUntil, clock.GetUtcNow())) return new Claimed(null, saga);
        if (change(saga) is { } refusal) return new Claimed(refusal);
        process.Claim(saga, driver);
        return new Claimed(null, null, new Progress(saga, steps));
    }
}
