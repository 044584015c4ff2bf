using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using EseErp.Contracts.Sales;
using EseErp.EventStore;
using EseErp.Sales.Data;
using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Sales.Valuations;

/// <summary>Valuations over HTTP: commands are accepted, and their outcomes read or followed.</summary>
public static class ValuationsApi
{
    public static void MapValuations(this IEndpointRouteBuilder routes)
    {
        var valuations = routes.MapGroup("/valuations").WithTags("Valuations").WithParameterExample("valuationId", ValuationDesk.ExampleValuation);
        valuations.MapPost("/", Open).InTransaction().WithSummary("Open a valuation")
            .WithDescription("Accepted and durable, not yet applied: the command goes through the commands topic. Until it has an outcome, which "
                + "`GET /valuation-commands/{commandId}` shows, the valuation is not found.")
            .WithExample(new OpenValuation(199.90m));
        valuations.MapPut("/{valuationId}", Change).InTransaction().WithSummary("Change a valuation: add to it or multiply it")
            .WithDescription("Accepted and durable, not yet applied. The commands of a valuation are handled in the order in which they were accepted. The outcome is "
                + "`Applied`, or `Rejected` with the reason: `UnknownId`, `Overflow`, `NotANumber`, `NegativeFactor`.")
            .WithExample(new ChangeValuation(ValuationOperation.MULTIPLY, JsonElement.Parse("0.85")));
        valuations.MapGet("/", List).WithSummary("List valuations by id, the oldest first");
        valuations.MapGet("/{valuationId}", Get).WithSummary("Read a valuation and how it came about");
        valuations.MapGet("/{valuationId}/stream", Stream).WithSummary("Follow a valuation live, after catching up (server-sent events)")
            .WithDescription("Sends each event of the valuation as `opened`, `changed` or `rejected` with its version as id, until the client disconnects. A client that "
                + "comes back with `Last-Event-ID` gets what it missed. Works also for an id without a valuation, once a command has named it. "
                + "A `heartbeat` comes first, and when nothing happens for 15 s.");

        var commands = routes.MapGroup("/valuation-commands").WithTags("Valuations").WithParameterExample("commandId", ValuationDesk.ExampleCommand);
        commands.MapGet("/{commandId}", GetCommand).WithSummary("Read a command and its outcome");
        commands.MapGet("/{commandId}/stream", StreamCommand).WithSummary("Wait for the outcome of a command (server-sent events)")
            .WithDescription("Sends the command as `pending` while it is pending, then as `applied` or `rejected`, and ends. A `heartbeat` comes first.");
    }

    private static Accepted<ValuationCommandView> Open(OpenValuation request, ValuationDesk desk)
    {
        var command = desk.Accept(request).View();
        return TypedResults.Accepted($"/valuations/{command.ValuationId}", command);
    }

    private static Accepted<ValuationCommandView> Change(Guid valuationId, ChangeValuation request, ValuationDesk desk)
    {
        var command = desk.Accept(valuationId.ToString(), request).View();
        return TypedResults.Accepted($"/valuation-commands/{command.CommandId}", command);
    }

    private static async Task<Ok<Page<ValuationItem>>> List(SalesDb db, [AsParameters] Paging paging, CancellationToken cancellationToken)
    {
        var found = await db.Valuations.AsNoTracking()
            .Where(valuation => paging.After == null || string.Compare(valuation.ValuationId, paging.After) > 0)
            .OrderBy(valuation => valuation.ValuationId)
            .Take(paging.Size + 1)
            .Select(valuation => new ValuationItem(valuation.ValuationId, valuation.Currency, valuation.Value, valuation.Version))
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(Page.Of(found, paging.Size, valuation => valuation.ValuationId));
    }

    private static async Task<Results<Ok<ValuationView>, NotFoundProblem>> Get(
        Guid valuationId,
        ValuationFeed feed,
        CancellationToken cancellationToken,
        [Range(1, int.MaxValue), Description("Read only up to this version; without it all.")] int? version = null,
        [Description("The id of a command whose outcome must be in the answer; the request waits for it, 2 s at most.")] Guid? after = null)
    {
        if (after is { } commandId) await feed.WaitFor(commandId.ToString(), cancellationToken);
        return await feed.Find(valuationId.ToString(), version, cancellationToken) is { } valuation
            ? TypedResults.Ok(valuation)
            : Problems.NotFound("valuation", valuationId.ToString());
    }

    private static async Task<Results<ServerSentEventsResult<ValuationStepView?>, NotFoundProblem, BadRequestProblem>> Stream(
        Guid valuationId,
        ValuationFeed feed,
        IHostApplicationLifetime lifetime,
        TimeProvider clock,
        CancellationToken cancellationToken,
        [FromHeader(Name = "Last-Event-ID")] string? lastEventId = null)
    {
        var version = 0;
        if (!string.IsNullOrEmpty(lastEventId) && !int.TryParse(lastEventId, NumberStyles.None, CultureInfo.InvariantCulture, out version))
            return Problems.BadRequest("Last-Event-ID", "Not a version of a valuation.");
        if (!await feed.IsKnown(valuationId.ToString(), cancellationToken)) return Problems.NotFound("valuation", valuationId.ToString());
        return TypedResults.ServerSentEvents(LiveStream.Of(
            token => feed.Follow(valuationId.ToString(), version, token), clock, lifetime.ApplicationStopping, cancellationToken));
    }

    private static async Task<Results<Ok<ValuationCommandView>, NotFoundProblem>> GetCommand(
        Guid commandId, ValuationFeed feed, CancellationToken cancellationToken) =>
        await feed.FindCommand(commandId.ToString(), cancellationToken) is { } command
            ? TypedResults.Ok(command)
            : Problems.NotFound("valuation command", commandId.ToString());

    private static async Task<Results<ServerSentEventsResult<ValuationCommandView?>, NotFoundProblem>> StreamCommand(
        Guid commandId, ValuationFeed feed, IHostApplicationLifetime lifetime, TimeProvider clock, CancellationToken cancellationToken) =>
        await feed.FindCommand(commandId.ToString(), cancellationToken) is null
            ? Problems.NotFound("valuation command", commandId.ToString())
            : TypedResults.ServerSentEvents(LiveStream.Of(
                token => feed.FollowCommand(commandId.ToString(), token), clock, lifetime.ApplicationStopping, cancellationToken));
}
