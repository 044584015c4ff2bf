using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using EseErp.Accounting.Data;
using EseErp.Contracts.Accounting;
using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Accounting.Journal;

public static class JournalApi
{
    /// <summary>The journal, and what adds it up.</summary>
    public static void MapJournal(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/journal", List)
            .WithTags("Journal")
            .WithSummary("List journal entries by number, optionally filtered")
            .WithDescription("Every entry names the fact that caused it, the event by which Accounting heard of it, and the entry that it takes back, if any. Entries of "
                + "an account include their lines on other accounts.");
        routes.MapTrialBalance();
    }

    private static async Task<Results<Ok<Page<JournalEntryView>>, BadRequestProblem>> List(
        AccountingDb db,
        [AsParameters] Paging paging,
        CancellationToken cancellationToken,
        [StringLength(40), Description("Only entries of this return.")] string? returnId = null,
        [StringLength(40), Description("Only entries with a line on this account, such as Sales Returns.")] string? account = null,
        [Description("Only what was posted at that time or later.")] DateTimeOffset? from = null,
        [Description("Only what was posted before that time.")] DateTimeOffset? to = null)
    {
        long after = 0;
        if (paging.After is not null && !long.TryParse(paging.After, NumberStyles.None, CultureInfo.InvariantCulture, out after))
            return Problems.BadRequest("after", "must be the next of an earlier answer");
        if (from >= to) return Problems.BadRequest("to", "must be after from");

        var entries = db.JournalEntries.AsNoTracking().Where(entry => entry.EntryId > after);
        if (returnId is not null) entries = entries.Where(entry => entry.ReturnId == returnId);
        if (account is not null) entries = entries.Where(entry => entry.Lines.Any(line => line.Account == account));
        if (from?.ToUniversalTime() is { } earliest) entries = entries.Where(entry => entry.PostedAt >= earliest);
        if (to?.ToUniversalTime() is { } end) entries = entries.Where(entry => entry.PostedAt < end);
        var page = await entries.OrderBy(entry => entry.EntryId).Take(paging.Size + 1).Include(entry => entry.Lines).ToListAsync(cancellationToken);
        return TypedResults.Ok(Page.Of(page.Select(entry => entry.View()), paging.Size, entry => entry.EntryId.ToString(CultureInfo.InvariantCulture)));
    }
}
