using EseErp.Contracts;
using EseErp.ServiceDefaults;
using EseErp.UserSupport.Data;
using EseErp.UserSupport.Modes;
using Microsoft.EntityFrameworkCore;

namespace EseErp.UserSupport.Returns;

/// <summary>Calling a return off, in both modes.</summary>
public static class CancellationApi
{
    public static void MapCancellation(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/returns/{returnId}/cancel", Cancel).AnsweredOnce().WithTags("Returns").WithSummary("Call a return off")
            .WithDescription(
                "Possible until the item has arrived. In event mode the team that has the item decides: 200 when the return is cancelled, 409 with the "
                + "reason when it continues, 202 while there is no answer yet (read the return). In traditional mode User Support calls the teams: "
                + "502 or 504 when a team could not be reached; the rest is undone automatically when the team is back.")
            .WithParameterExample("returnId", ExampleReturn.FirstId)
            .WithExample(new ReasonGiven("The customer keeps the device."))
            .Produces<ReturnView>()
            .Produces<ReturnView>(StatusCodes.Status202Accepted)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status502BadGateway)
            .ProducesProblem(StatusCodes.Status504GatewayTimeout);

    private static async Task<IResult> Cancel(
        string returnId, ReasonGiven given, UserSupportDb db, Coordinations coordinations, CancellationToken cancellationToken) =>
        await db.Returns.Where(asked => asked.ReturnId == returnId).Select(asked => (CoordinationMode?)asked.Mode).SingleOrDefaultAsync(cancellationToken) is { } mode
            ? await coordinations.Of(mode).Cancel(returnId, given.Reason, cancellationToken)
            : Problems.NotFound("return", returnId);
}
