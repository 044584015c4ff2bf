using EseErp.EventStore;
using EseErp.ServiceDefaults;
using EseErp.UserSupport.Returns;
using Microsoft.Extensions.Options;

namespace EseErp.UserSupport.Traditional;

/// <summary>Takes something into a traditional return that changes its course, and then drives it.</summary>
public sealed class ReturnClaim(
    Documents documents, UnitOfWork unit, TraditionalProcess process, TraditionalAnswers answers, IOptions<TraditionalOptions> options,
    TimeProvider clock, IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan Recheck = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Changes the return and claims it in one transaction, and drives it after that: a crash in between is no more than a
    /// driver that died. While someone else drives it this waits.
    /// </summary>
    /// <param name="change">Changes the return, or answers why not. It may run more than once.</param>
    /// <param name="answer">The answer when the drive is over.</param>
    public async Task<IResult> Drive(string returnId, Func<Return, IResult?> change, Func<Progress, IResult> answer, CancellationToken cancellationToken)
    {
        var driver = Guid.CreateVersion7();
        var since = clock.GetTimestamp();
        while (true)
        {
            var (refusal, busy) = await unit.Run(token => Claim(returnId, driver, change, token), cancellationToken);
            if (refusal is not null) return refusal;
            if (busy is null) return answer(await process.Drive(returnId, driver, lifetime.ApplicationStopping));
            if (clock.GetElapsedTime(since) > options.Value.Budget) return answers.Filed(new Progress(busy, [], Busy: true));
            await Task.Delay(Recheck, clock, cancellationToken);
        }
    }

    private async Task<(IResult? Refusal, Return? Busy)> Claim(string returnId, Guid driver, Func<Return, IResult?> change, CancellationToken cancellationToken)
    {
        if (await documents.Find<Return>(returnId, cancellationToken) is not { } asked) return (Problems.NotFound("return", returnId), null);
        if (options.Value.IsHeld(asked.DrivenUntil, clock.GetUtcNow())) return (null, asked);
        if (change(asked) is { } refusal) return (refusal, null);
        process.Claim(asked, driver);
        return (null, null);
    }
}
