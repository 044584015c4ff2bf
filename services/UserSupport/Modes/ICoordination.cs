using EseErp.Contracts;
using EseErp.UserSupport.Returns;

namespace EseErp.UserSupport.Modes;

/// <summary>
/// A way to coordinate a return: choreography, where every team reacts to the published request, or orchestration, where User Support
/// carries the return through the teams. The mode of a return decides which one takes it, and nothing else depends on it.
/// </summary>
public interface ICoordination
{
    /// <summary>Whether it takes returns of this mode.</summary>
    bool Takes(CoordinationMode mode);

    /// <summary>Takes a return that is being filed, in the transaction that files it. May run more than once.</summary>
    /// <param name="isCarriedNext">Whether <see cref="ICarriage.Carry"/> follows the commit.</param>
    /// <returns>The id of the event that tells of the return.</returns>
    Guid Take(Return filed, string? callbackUrl, bool isCarriedNext);

    /// <summary>The returns that were taken are committed.</summary>
    void Committed(IEnumerable<Return> taken);

    /// <summary>Cancels a return, and answers: 200 when it is cancelled, 202 while that is not decided, 409 with the reason when it goes on.</summary>
    Task<IResult> Cancel(string returnId, string reason, CancellationToken cancellationToken);

    /// <summary>Why the outcome of a return cannot be sent to an address; null when it can.</summary>
    string? ReasonNotToCall(string callbackUrl);

    /// <summary>How far User Support itself has carried returns, by their ids; those that it does not carry are left out.</summary>
    Task<IReadOnlyDictionary<string, ReturnCourse>> Courses(IReadOnlyCollection<string> returnIds, bool withSteps, CancellationToken cancellationToken);
}

/// <summary>Carries returns whose callers wait for the outcome.</summary>
public interface ICarriage
{
    /// <summary>How long another request for the same return may take, even when its process dies.</summary>
    TimeSpan Patience { get; }

    /// <summary>Carries a return that was taken just now, as far as it goes.</summary>
    /// <param name="atTheEnd">Runs in the transaction that ends this; may run more than once.</param>
    Task<Carried> Carry(string returnId, Func<Carried, IServiceProvider, Task>? atTheEnd, CancellationToken cancellationToken);

    /// <summary>Goes on with a return where it stands, unless somebody else does at this moment.</summary>
    Task<Carried> GoOn(string returnId, CancellationToken cancellationToken);
}

/// <summary>What has come of a return whose caller waits.</summary>
/// <param name="Answer">The answer to who filed it alone.</param>
/// <param name="Item">The answer within a batch.</param>
/// <param name="IsBusy">Somebody else carries it at this moment.</param>
public sealed record Carried(IResult Answer, BatchItem Item, bool IsBusy);
