using EseErp.Contracts;
using EseErp.Contracts.UserSupport;
using EseErp.EventStore;
using EseErp.ServiceDefaults;
using EseErp.UserSupport.Modes;
using EseErp.UserSupport.Returns;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace EseErp.UserSupport.Traditional;

/// <summary>
/// Orchestration: User Support calls the teams itself and carries the return, while the caller waits (traditional) or after the caller was
/// answered (traditional-async).
/// </summary>
internal sealed class TraditionalCoordination(
    DbContext db, Documents documents, Facts facts, TraditionalProcess process, TraditionalAnswers answers, ReturnClaim claim, DriveQueue queue,
    IOptions<TraditionalOptions> options, IOptions<CallbackOptions> callbacks) : ICoordination, ICarriage
{
    private readonly Guid _driver = Guid.CreateVersion7();
    private readonly Dictionary<string, TraditionalReturn> _taken = [];

    // A driver that died keeps its return until its lease runs out.
    public TimeSpan Patience => options.Value.Budget + options.Value.Lease;

    public bool Takes(CoordinationMode mode) => mode.IsTraditional();

    public Guid Take(Return filed, string? callbackUrl, bool isCarriedNext)
    {
        var saga = new TraditionalReturn
        {
            ReturnId = filed.ReturnId,
            Return = filed,
            DriverKey = Guid.NewGuid(),
            CallbackUrl = callbackUrl,
            AdvancedAt = filed.FiledAt,
            WakeAt = filed.FiledAt + TraditionalCourse.ToBeDriven,
        };
        documents.Add(saga.ReturnId, saga);
        // In this mode only Tracking hears it.
        var eventId = facts.Record(filed.ReturnId, filed.Request(), filed.Mode.Wire());
        if (filed.Mode == CoordinationMode.TraditionalAsync) facts.Record(filed.ReturnId, new ReturnAcknowledged(filed.ReturnId), filed.Mode.Wire());
        else if (isCarriedNext) process.Claim(saga, _driver);
        _taken[saga.ReturnId] = saga;
        return eventId;
    }

    public void Committed(IEnumerable<Return> taken) =>
        queue.Add([.. taken.Where(filed => filed.Mode == CoordinationMode.TraditionalAsync).Select(filed => filed.ReturnId)]);

    public async Task<Carried> Carry(string returnId, Func<Carried, IServiceProvider, Task>? atTheEnd, CancellationToken cancellationToken) => answers.Carried(
        await process.Drive(
            new Progress(_taken[returnId], new List<ReturnStep>()), _driver, cancellationToken,
            atTheEnd is null ? null : (end, scope) => atTheEnd(answers.Carried(end), scope)));

    public async Task<Carried> GoOn(string returnId, CancellationToken cancellationToken) => answers.Carried(await process.Drive(returnId, cancellationToken));

    public Task<IResult> Cancel(string returnId, string reason, CancellationToken cancellationToken) => claim.Drive(
        returnId,
        saga =>
        {
            if (saga.ReasonNotToCancel is { } reasonNot) return Problems.Conflict(reasonNot);
            saga.CallOff(reason);
            return null;
        },
        answers.Cancelled,
        cancellationToken);

    public string? ReasonNotToCall(string callbackUrl) => callbacks.Value.ReasonNotToCall(callbackUrl);

    public async Task<IReadOnlyDictionary<string, ReturnCourse>> Courses(IReadOnlyCollection<string> returnIds, bool withSteps, CancellationToken cancellationToken)
    {
        var sagas = await db.Set<TraditionalReturn>().AsNoTracking().Where(saga => returnIds.Contains(saga.ReturnId)).ToListAsync(cancellationToken);
        var steps = withSteps
            ? await db.Set<ReturnStep>().AsNoTracking().Where(step => returnIds.Contains(step.ReturnId)).OrderBy(step => step.Number).ToListAsync(cancellationToken)
            : [];
        var stepsOf = steps.ToLookup(step => step.ReturnId);
        return sagas.ToDictionary(saga => saga.ReturnId, saga => saga.Course(stepsOf[saga.ReturnId]));
    }
}
