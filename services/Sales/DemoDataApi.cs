using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using EseErp.Contracts;
using EseErp.Contracts.Sales;
using EseErp.DemoData;
using EseErp.EventStore;
using EseErp.Registry;
using EseErp.Sales.Data;
using EseErp.Sales.Orders;
using EseErp.Sales.Refunds;
using EseErp.Sales.Valuations;
using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;

namespace EseErp.Sales;

/// <summary>What was added.</summary>
public sealed record DemoOrdersAdded(int Customers, int Orders);

/// <summary>Devices that can be returned.</summary>
public sealed record ReturnableLines(IReadOnlyList<ReturnableLine> Items);

/// <summary>A device as a return names it.</summary>
public sealed record ReturnableLine(string OrderId, string LineId, string Sku, string SerialNumber);

/// <summary>Demo customers and orders; only where <c>Ese:DemoData</c> is on.</summary>
public static class DemoDataApi
{
    public static void MapDemoData(this WebApplication app)
    {
        if (!app.Configuration.GetValue<bool>("Ese:DemoData")) return;
        var demo = app.MapGroup("/demo-data").WithTags("Demo data");
        demo.MapPost("/", Seed).WithSummary("Add demo customers and orders up to a number; orders that are there stay")
            .WithExample(new DemoDataRequest());
        demo.MapGet("/returnable", Returnable).WithSummary("Devices that can be returned now: delivered of late, not yet returned, below the limit of a review, and with a replacement in stock");
    }

    private static async Task<Ok<DemoOrdersAdded>> Seed(
        DemoDataRequest request, SalesDb db, UnitOfWork unit, RegistryDesk registry, Facts facts, ValuationDesk valuations, TimeProvider clock,
        CancellationToken cancellationToken)
    {
        var catalogue = DemoCatalogue.Create(DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime), request.Orders);
        // Orders and what is said of them in one transaction, so that no delivery is told twice.
        var added = await unit.Run(async token =>
        {
            var connection = (NpgsqlConnection)db.Database.GetDbConnection();
            await Execute(connection, "select pg_advisory_xact_lock(hashtext('demo-data'))", token);
            var customers = await registry.AddMissing(
                catalogue.Customers.Select(customer => new Customer
                {
                    CustomerId = customer.CustomerId,
                    Name = customer.Name,
                    Country = customer.Country,
                    Currency = customer.Currency,
                }), DemoDataRequest.User, token);
            var (orders, delivered) = await AddOrders(connection, catalogue, token);
            foreach (var (sku, quantity) in delivered.OrderBy(units => units.Key, StringComparer.Ordinal))
                facts.Record(sku, new UnitsDelivered(sku, quantity), CoordinationMode.Event.Wire());
            return new DemoOrdersAdded(customers, orders);
        }, cancellationToken);
        await unit.Run(valuations.AcceptExample, cancellationToken);
        return TypedResults.Ok(added);
    }

    private static async Task<(int Orders, Dictionary<string, int> Delivered)> AddOrders(
        NpgsqlConnection connection, DemoCatalogue catalogue, CancellationToken cancellationToken)
    {
        var present = await Count(connection, "orders", cancellationToken);
        var delivered = new Dictionary<string, int>();
        await using var copy = await connection.BeginBinaryImportAsync(
            "copy orders (order_id, customer_id, currency, ordered_at, delivered_at, shipment_id, refunded, lines) from stdin (format binary)", cancellationToken);
        for (var number = present + 1; number <= catalogue.OrderCount; number++)
        {
            var order = catalogue.Order(number);
            if (order.DeliveredAt is not null)
                foreach (var line in order.Lines) delivered[line.Sku] = delivered.GetValueOrDefault(line.Sku) + 1;
            await copy.StartRowAsync(cancellationToken);
            await copy.WriteAsync(order.OrderId, cancellationToken);
            await copy.WriteAsync(order.CustomerId, cancellationToken);
            await copy.WriteAsync(order.Currency, cancellationToken);
            await copy.WriteAsync(order.OrderedAt.UtcDateTime, NpgsqlDbType.TimestampTz, cancellationToken);
            if (order.DeliveredAt is { } deliveredAt) await copy.WriteAsync(deliveredAt.UtcDateTime, NpgsqlDbType.TimestampTz, cancellationToken);
            else await copy.WriteNullAsync(cancellationToken);
            await copy.WriteAsync(order.ShipmentId, cancellationToken);
            await copy.WriteAsync(0m, cancellationToken);
            await copy.WriteAsync(System.Text.Json.JsonSerializer.Serialize(order.Lines.Select(line =>
                new { line.LineId, line.ListPrice, line.NetPrice, line.SerialNumber, line.Sku })), NpgsqlDbType.Jsonb, cancellationToken);
        }

        await copy.CompleteAsync(cancellationToken);
        return (Math.Max(0, catalogue.OrderCount - present), delivered);
    }

    private static async Task<Ok<ReturnableLines>> Returnable(
        SalesDb db, IOptions<RefundOptions> refunds, TimeProvider clock, CancellationToken cancellationToken,
        [Range(1, 1000), Description("How many, 1 to 1,000.")] int take = 1)
    {
        // What is kept for showing a rule stays free for that, and a return that is to run through needs a replacement.
        var catalogue = DemoCatalogue.Create(DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime));
        var kept = catalogue.Examples.All.Where(example => example != catalogue.Examples.Happy).Select(example => example.Return.OrderId).ToArray();
        var scarce = catalogue.Products.Where(product => product.InitialStock < 2).Select(product => product.Sku).ToArray();
        var since = clock.GetUtcNow().AddDays(-25);
        var items = await db.Database.SqlQuery<ReturnableLine>(
            $"""
            select o.order_id as "OrderId", l.line ->> 'LineId' as "LineId", l.line ->> 'Sku' as "Sku", l.line ->> 'SerialNumber' as "SerialNumber"
            from orders o cross join lateral jsonb_array_elements(o.lines) as l(line)
            where o.delivered_at > {since} and (l.line ->> 'NetPrice')::numeric > 0 and (l.line ->> 'NetPrice')::numeric <= {refunds.Value.ReviewAbove}
              and not o.order_id = any ({kept}) and not l.line ->> 'Sku' = any ({scarce})
              and not exists (select 1 from order_refund_requests r where r.device_key = l.line ->> 'SerialNumber')
            order by o.order_id limit {take}
            """).ToListAsync(cancellationToken);
        return TypedResults.Ok(new ReturnableLines(items));
    }

    private static async Task<int> Count(NpgsqlConnection connection, string table, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand($"select count(*)::int from {table}", connection);
        return (int)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
