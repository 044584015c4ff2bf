using EseErp.Registry;
using EseErp.Sales.Data;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Sales.Orders;

/// <summary>The customers' rows, in step with the registry. Orders of a customer who is deleted stay as they are.</summary>
public sealed class CustomerRows(SalesDb db) : IRegistryProjection<Customer>
{
    public async Task Apply(IReadOnlyList<Customer> current, IReadOnlyList<string> deleted, CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into customers (customer_id, name, country, currency)
            select * from unnest({current.Select(customer => customer.CustomerId).ToArray()}, {current.Select(customer => customer.Name).ToArray()},
                                 {current.Select(customer => customer.Country).ToArray()}, {current.Select(customer => customer.Currency).ToArray()})
            on conflict (customer_id) do update set name = excluded.name, country = excluded.country, currency = excluded.currency
            """, cancellationToken);
        await db.Customers.Where(customer => deleted.Contains(customer.CustomerId)).ExecuteDeleteAsync(cancellationToken);
    }
}
