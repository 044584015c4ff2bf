using EseErp.Contracts;
using EseErp.Contracts.UserSupport;
using EseErp.EventStore;
using EseErp.ServiceDefaults;
using EseErp.UserSupport.Data;
using EseErp.UserSupport.Returns;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace EseErp.UserSupport.EventMode;

/// <summary>
/// Calls returns off in event mode: asks, and takes the answer. Who has custody of the item decides, and User Support need
/// not know who that is.
/// </summary>
public sealed class CancellationDesk(
    UserSupportDb db, Documents documents, Facts facts, UnitOfWork unit, Causality causality, CancellationAnswers answers, Links links,
    IOptions<ReturnOptions> options, TimeProvider clock)
{
    /// <summary>Asks that the return be called off, and waits a moment for the answer: 200, 409, or 202 while it is out.</summary>
    public async Task<IResult> Ask(string returnId, string reason, CancellationToken cancellationToken)
    {
        var isOut = await unit.Run(async token =>
        {
            var asked = (await documents.Find<Return>(returnId, token))!;
            causality.CorrelationId = asked.CorrelationId;
            Record(asked, asked.AskToCancel(reason));
            return asked.Status == ReturnStatus.CancellationRequested;
        }, cancellationToken);

        if (isOut) await answers.Wait(returnId, options.Value.CancellationWait, clock, cancellationToken);
        var now = await db.Returns.AsNoTracking().SingleAsync(asked => asked.ReturnId == returnId, cancellationToken);
        var view = ReturnView.Of(now, null, links.Of(now));
        return now.Status switch
        {
            ReturnStatus.Cancelled => TypedResults.Ok(view),
            ReturnStatus.Requested => Problems.Conflict(now.CancellationRefusal ?? "The return continues."),
            _ => TypedResults.Accepted(view.Links.Self, view),
        };
    }

    /// <summary>The return may end.</summary>
    public async Task Accept(CancellationAccepted answer, CancellationToken cancellationToken)
    {
        if (await documents.Find<Return>(answer.ReturnId, cancellationToken) is { } asked) Record(asked, asked.CancellationAccepted(answer.Reason));
    }

    /// <summary>The return goes on.</summary>
    public async Task Refuse(CancellationRefused answer, CancellationToken cancellationToken) =>
        (await documents.Find<Return>(answer.ReturnId, cancellationToken))?.CancellationRefused(answer.Reason);

    private void Record(Return asked, IReadOnlyList<object> followed)
    {
        foreach (var fact in followed) facts.Record(asked.ReturnId, fact, asked.Mode.Wire());
    }
}
