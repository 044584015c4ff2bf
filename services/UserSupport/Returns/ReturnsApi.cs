using EseErp.Contracts;
using EseErp.Contracts.UserSupport;
using EseErp.ServiceDefaults;
using EseErp.UserSupport.Data;
using EseErp.UserSupport.Modes;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EseErp.UserSupport.Returns;

public static class ReturnsApi
{
    /// <returns>Where returns are filed; each mode rehearses it before the service is ready.</returns>
    public static RouteHandlerBuilder MapReturns(this IEndpointRouteBuilder routes)
    {
        var returns = routes.MapGroup("/returns").WithTags("Returns");
        var filing = returns.MapPost("/", File)
            .WithMetadata(new IdempotencyMetadata())
            .WithSummary("File a return")
            .WithDescription(
                "In event mode the return is accepted at once (202) and every team reacts by itself. In traditional mode User Support calls "
                + "the four teams in order and answers with their documents (201), with the reasons of a rejection (409), or with what was done "
                + "when a team could not be reached (502) or did not answer in time (504). In traditional-async mode, or with the header "
                + "`Prefer: respond-async` in traditional mode, it is also accepted at once (202) and User Support calls the teams in the "
                + "background: read the outcome at `/returns/{returnId}`, follow it at Tracking, or have it sent to `callbackUrl`.")
            .WithExample(services => ExampleReturn.Next(services))
            .WithResponseExample(StatusCodes.Status202Accepted, ExampleReturn.Accepted)
            .Produces<ReturnAccepted>(StatusCodes.Status202Accepted)
            .Produces<TraditionalAnswer>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status502BadGateway)
            .ProducesProblem(StatusCodes.Status504GatewayTimeout);
        returns.MapPost("/batch", FileBatch)
            .WithMetadata(new IdempotencyMetadata())
            .WithSummary("File up to 1,000 returns")
            .WithDescription("All are accepted, or none if one of them is not well formed. The answer has one result per return, in the same order.")
            .WithExample(services => new FileReturns([ExampleReturn.Next(services), ExampleReturn.Next(services)]))
            .Produces<BatchAnswer>();
        returns.MapGet("/", List).WithSummary("List returns by id, optionally of one status or mode");
        returns.MapGet("/{returnId}", Get).WithSummary("Read what User Support knows about a return").WithParameterExample("returnId", ExampleReturn.FirstId);
        return filing;
    }

    private static Task<IResult> File(FileReturn request, HttpContext http, ReturnIntake intake, CancellationToken cancellationToken) =>
        intake.File(request, http, cancellationToken);

    private static Task<IResult> FileBatch(FileReturns request, HttpContext http, ReturnIntake intake, CancellationToken cancellationToken) =>
        intake.File(request, http, cancellationToken);

    private static async Task<Ok<Page<ReturnView>>> List(
        UserSupportDb db, Coordinations coordinations, Links links, [AsParameters] Paging paging, CancellationToken cancellationToken,
        ReturnStatus? status = null, CoordinationMode? mode = null)
    {
        var returns = await db.Returns.AsNoTracking()
            .Where(asked => (status == null || asked.Status == status) && (mode == null || asked.Mode == mode)
                && (paging.After == null || string.Compare(asked.ReturnId, paging.After) > 0))
            .OrderBy(asked => asked.ReturnId)
            .Take(paging.Size + 1)
            .ToListAsync(cancellationToken);
        var courses = await coordinations.Courses(returns, withSteps: false, cancellationToken);
        return TypedResults.Ok(Page.Of(
            returns.Select(asked => ReturnView.Of(asked, courses.GetValueOrDefault(asked.ReturnId), links.Of(asked))), paging.Size, view => view.ReturnId));
    }

    private static async Task<Results<Ok<ReturnView>, NotFoundProblem>> Get(
        string returnId, UserSupportDb db, Coordinations coordinations, Links links, CancellationToken cancellationToken)
    {
        if (await db.Returns.AsNoTracking().SingleOrDefaultAsync(asked => asked.ReturnId == returnId, cancellationToken) is not { } asked)
            return Problems.NotFound("return", returnId);
        var courses = await coordinations.Courses([asked], withSteps: true, cancellationToken);
        return TypedResults.Ok(ReturnView.Of(asked, courses.GetValueOrDefault(returnId), links.Of(asked)));
    }
}
