using System.ComponentModel;
using EseErp.Contracts;
using EseErp.ServiceDefaults;
using EseErp.Tracking.Data;
using EseErp.Tracking.Rebuild;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Tracking.Returns;

/// <summary>Where returns stand.</summary>
public static class ReturnsApi
{
    public static void MapReturns(this IEndpointRouteBuilder routes)
    {
        var returns = routes.MapGroup("/returns").WithTags("Returns").WhenWhole();
        returns.MapGet("/", List).WithSummary("List returns, highest return id first, filtered if asked").Rehearsed(StatusCodes.Status200OK, path: "/returns?limit=1");
        returns.MapGet("/{returnId}", Get).WithSummary("Read where a return stands; of a traditional one also the calls that were made")
            .WithParameterExample("returnId", FirstId).Rehearsed(StatusCodes.Status404NotFound, path: $"/returns/{ReturnIds.Rehearsed}");
    }

    /// <summary>The first return of all, if any was filed: for the documentation.</summary>
    internal static string FirstId(IServiceProvider services) => $"RMA-{services.GetRequiredService<TimeProvider>().GetUtcNow().Year}-000001";

    private static async Task<Ok<Page<ReturnView>>> List(
        TrackingDb db,
        TeamAddresses addresses,
        [AsParameters] Paging paging,
        CancellationToken cancellationToken,
        TrackedStatus? status = null,
        [Description("Only returns of this customer, such as C-00042.")] string? customerId = null,
        [Description("Only returns of this device, in any spelling of its number.")] string? serialNumber = null,
        CoordinationMode? mode = null)
    {
        var returns = db.Returns.AsNoTracking();
        if (status is not null) returns = returns.Where(tracked => tracked.Status == status);
        if (customerId is not null) returns = returns.Where(tracked => tracked.CustomerId == customerId);
        if (serialNumber is not null)
        {
            var device = SerialNumbers.Normal(serialNumber);
            returns = returns.Where(tracked => tracked.SerialNumber == device);
        }

        if (mode is not null) returns = returns.Where(tracked => tracked.Mode == mode);
        if (paging.After is not null) returns = returns.Where(tracked => string.Compare(tracked.ReturnId, paging.After) < 0);
        var page = await returns.OrderByDescending(tracked => tracked.ReturnId).Take(paging.Size + 1).ToListAsync(cancellationToken);
        return TypedResults.Ok(Page.Of(page.Select(tracked => ReturnView.Of(tracked, addresses)), paging.Size, tracked => tracked.ReturnId));
    }

    private static async Task<Results<Ok<ReturnView>, NotFoundProblem>> Get(
        string returnId, TrackingDb db, TeamAddresses addresses, CancellationToken cancellationToken) =>
        await db.Returns.AsNoTracking().SingleOrDefaultAsync(tracked => tracked.ReturnId == returnId, cancellationToken) is { } tracked
            ? TypedResults.Ok(ReturnView.WithCalls(tracked, addresses))
            : Problems.NotFound("return", returnId);
}
