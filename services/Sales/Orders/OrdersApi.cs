using EseErp.Sales.Data;
using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Sales.Orders;

/// <summary>An order as Sales shows it.</summary>
public sealed record OrderView(
    string OrderId,
    string CustomerId,
    string Currency,
    DateTimeOffset OrderedAt,
    DateTimeOffset? DeliveredAt,
    string ShipmentId,
    IReadOnlyList<OrderLineView> Lines)
{
    public static OrderView Of(Order order) => new(
        order.OrderId, order.CustomerId, order.Currency, order.OrderedAt, order.DeliveredAt, order.ShipmentId,
        order.Lines.Select(line => new OrderLineView(line.LineId, line.Sku, line.SerialNumber, line.ListPrice, line.NetPrice)).ToList());
}

/// <summary>One device of an order. <paramref name="NetPrice"/> is what was paid, discount included.</summary>
public sealed record OrderLineView(string LineId, string Sku, string SerialNumber, decimal ListPrice, decimal NetPrice);

public static class OrdersApi
{
    public static void MapOrders(this IEndpointRouteBuilder routes)
    {
        var orders = routes.MapGroup("/orders").WithTags("Orders");
        orders.MapGet("/", List).WithSummary("List orders by number");
        orders.MapGet("/{orderId}", Get).WithSummary("Read one order").WithParameterExample("orderId", "SO-2026-000001");
    }

    private static async Task<Ok<Page<OrderView>>> List(SalesDb db, [AsParameters] Paging paging, CancellationToken cancellationToken)
    {
        var orders = await db.Orders.AsNoTracking()
            .Where(order => paging.After == null || string.Compare(order.OrderId, paging.After) > 0)
            .OrderBy(order => order.OrderId)
            .Take(paging.Size + 1)
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(Page.Of(orders.Select(OrderView.Of), paging.Size, order => order.OrderId));
    }

    private static async Task<Results<Ok<OrderView>, NotFoundProblem>> Get(string orderId, SalesDb db, CancellationToken cancellationToken) =>
        await db.Orders.AsNoTracking().SingleOrDefaultAsync(order => order.OrderId == orderId, cancellationToken) is { } order
            ? TypedResults.Ok(OrderView.Of(order))
            : Problems.NotFound("order", orderId);
}
