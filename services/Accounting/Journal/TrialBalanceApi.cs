using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using EseErp.Accounting.Data;
using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Accounting.Journal;

/// <summary>All accounts added up. In each currency debits and credits are equal at every moment.</summary>
public sealed record TrialBalance(DateTimeOffset AsOf, bool Balanced, IReadOnlyList<CurrencyTotal> Totals, IReadOnlyList<AccountTotal> Accounts);

/// <summary>All accounts in one currency. <paramref name="Balance"/> is debit less credit: zero.</summary>
public sealed record CurrencyTotal(string Currency, decimal Debit, decimal Credit, decimal Balance);

/// <summary>One account in one currency. <paramref name="Balance"/> is debit less credit.</summary>
public sealed record AccountTotal(string Account, string Currency, decimal Debit, decimal Credit, decimal Balance);

public static class TrialBalanceApi
{
    public static void MapTrialBalance(this IEndpointRouteBuilder routes) => routes.MapGet("/trial-balance", Get)
        .WithTags("Journal")
        .WithSummary("Add up all accounts per currency, optionally as of a date or moment")
        .WithParameterExample("asOf", services => services.GetRequiredService<TimeProvider>().GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));

    private static async Task<Results<Ok<TrialBalance>, BadRequestProblem>> Get(AccountingDb db, TimeProvider clock, CancellationToken cancellationToken,
        [StringLength(40), Description("Only what was posted until then: a date (with the whole day, UTC) or a moment. Without it everything.")] string? asOf = null)
    {
        DateTimeOffset? moment = null;
        if (asOf is not null)
        {
            if (!AsOf.TryParse(asOf, out var given)) return Problems.BadRequest("asOf", "must be a date such as 2026-11-20 or a moment such as 2026-11-20T09:30:00Z");
            moment = given;
        }

        // One statement, hence one snapshot: accounts and totals belong together while entries are being posted.
        var accounts = await db.Database.SqlQuery<AccountTotal>(
            $"""
            select l.account as "Account", l.currency as "Currency", sum(l.debit) as "Debit", sum(l.credit) as "Credit",
                   sum(l.debit) - sum(l.credit) as "Balance"
            from journal_lines l
            where {moment}::timestamptz is null
               or exists (select 1 from journal_entries e where e.entry_id = l.entry_id and e.posted_at <= {moment})
            group by l.account, l.currency
            order by l.account, l.currency
            """).ToListAsync(cancellationToken);
        var totals = accounts
            .GroupBy(account => account.Currency)
            .Select(currency => new CurrencyTotal(
                currency.Key, currency.Sum(account => account.Debit), currency.Sum(account => account.Credit), currency.Sum(account => account.Balance)))
            .OrderBy(total => total.Currency, StringComparer.Ordinal)
            .ToList();
        return TypedResults.Ok(new TrialBalance(moment ?? clock.GetUtcNow(), totals.All(total => total.Balance == 0), totals, accounts));
    }
}
