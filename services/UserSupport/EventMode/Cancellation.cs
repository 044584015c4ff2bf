using EseErp.Contracts.UserSupport;
using EseErp.UserSupport.Returns;

namespace EseErp.UserSupport.EventMode;

/// <summary>How a return is cancelled in event mode: User Support asks, and whoever has custody of the item answers.</summary>
public static class Cancellation
{
    /// <summary>Somebody wants to cancel the return. Asks once, until there is an answer.</summary>
    /// <returns>The question, if it is to be asked.</returns>
    public static IReadOnlyList<object> AskToCancel(this Return asked, string reason)
    {
        if (asked.Status != ReturnStatus.Requested) return [];
        (asked.Status, asked.CancellationReason, asked.CancellationRefusal) = (ReturnStatus.CancellationRequested, reason, null);
        return [new ReturnCancellationRequested(asked.ReturnId, reason)];
    }

    /// <summary>Whoever has custody of the item lets the return end.</summary>
    /// <returns>The end, if the question was open.</returns>
    public static IReadOnlyList<object> CancellationAccepted(this Return asked, string reason)
    {
        if (asked.Status != ReturnStatus.CancellationRequested) return [];
        asked.Status = ReturnStatus.Cancelled;
        return [new ReturnCancelled(asked.ReturnId, reason)];
    }

    /// <summary>It is too late to cancel the return; it goes on.</summary>
    public static void CancellationRefused(this Return asked, string reason)
    {
        if (asked.Status == ReturnStatus.CancellationRequested) (asked.Status, asked.CancellationRefusal) = (ReturnStatus.Requested, reason);
    }
}
