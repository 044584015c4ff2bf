using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using EseErp.Accounting.Data;
using EseErp.Accounting.Journal;
using EseErp.DemoData;
using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Accounting.CostPerReturn;

/// <summary>What one return has cost so far, by the journal alone.</summary>
public sealed record CostOfReturn(string ReturnId, IReadOnlyList<CostInCurrency> Costs);

/// <summary>What a return has cost in one currency.</summary>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Accounts">What each expense account bears; those that bear nothing are left out.</param>
/// <param name="Net">All of them together.</param>
public sealed record CostInCurrency(string Currency, IReadOnlyList<AccountCost> Accounts, decimal Net);

/// <summary>What an account bears. <paramref name="Amount"/> is debit less credit; below zero it is a gain.</summary>
public sealed record AccountCost(string Account, decimal Amount);

/// <summary>The cost of returns: nothing but what the journal says on the expense accounts.</summary>
public static class CostsPerReturnApi
{
    public static void MapCostsPerReturn(this IEndpointRouteBuilder routes) => routes.MapGet("/costs-per-return", List)
        .WithTags("Journal")
        .WithSummary("What returns have cost so far: per currency what each expense account bears, and the net")
        .WithDescription("From the journal alone, reversals included, by return id; optionally of one return. Expense accounts: Sales Returns (the refund), "
            + "Cost of Goods Sold (credited with the device that came back), Warranty Expense (the replacement), Disposal Loss, Return Processing Expense (labour). "
            + "A return without entries is not listed.")
        .WithParameterExample("returnId", DocumentedReturn.ReturnId);

    private static async Task<Ok<Page<CostOfReturn>>> List(
        AccountingDb db, [AsParameters] Paging paging, CancellationToken cancellationToken,
        [StringLength(40), Description("Only this return.")] string? returnId = null)
    {
        var after = paging.After ?? "";
        var accounts = Account.Expenses.ToArray();
        var rows = await db.Database.SqlQuery<Row>(
            $"""
            with page as (
                select distinct e.return_id from journal_entries e
                where e.return_id > {after} and ({returnId}::text is null or e.return_id = {returnId})
                order by e.return_id limit {paging.Size + 1}
            )
            select e.return_id as "ReturnId", l.currency as "Currency", l.account as "Account", sum(l.debit) - sum(l.credit) as "Amount"
            from page join journal_entries e using (return_id) join journal_lines l using (entry_id)
            group by e.return_id, l.currency, l.account
            order by e.return_id, l.currency, array_position({accounts}, l.account::text), l.account
            """).ToListAsync(cancellationToken);
        var returns = rows.GroupBy(row => row.ReturnId).Select(booked => new CostOfReturn(
            booked.Key, [.. booked.Where(row => row.Amount != 0 && accounts.Contains(row.Account)).GroupBy(row => row.Currency).Select(Cost)]));
        return TypedResults.Ok(Page.Of(returns, paging.Size, cost => cost.ReturnId));
    }

    private static CostInCurrency Cost(IGrouping<string, Row> currency) =>
        new(currency.Key, [.. currency.Select(row => new AccountCost(row.Account, row.Amount))], currency.Sum(row => row.Amount));

    private sealed record Row(string ReturnId, string Currency, string Account, decimal Amount);
}
