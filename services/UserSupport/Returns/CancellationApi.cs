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
                "Possible until the item is in. In event mode who has custody of the item decides: 200 when the return is cancelled, 409 with the "
                + "reason when it goes on, 202 while the answer is still out (read the return). In traditional mode User Support calls the teams: "
                + "502 or 504 when one could not be reached; what is left is undone by itself when it is back.")
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
