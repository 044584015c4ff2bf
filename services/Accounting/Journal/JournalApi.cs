using System.Globalization;
using EseErp.Accounting.Data;
using EseErp.Contracts.Accounting;
using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Accounting.Journal;

public static class JournalApi
{
    public static void MapJournal(this IEndpointRouteBuilder routes) => routes.MapGet("/journal", List)
        .WithTags("Journal")
        .WithSummary("List journal entries by number, of one return if asked");

    private static async Task<Results<Ok<Page<JournalEntryView>>, BadRequestProblem>> List(
        AccountingDb db, [AsParameters] Paging paging, CancellationToken cancellationToken, string? returnId = null)
    {
        long after = 0;
        if (paging.After is not null && !long.TryParse(paging.After, NumberStyles.None, CultureInfo.InvariantCulture, out after))
            return Problems.BadRequest("after", "must be what an earlier answer gave as next");
        var entries = await db.JournalEntries.AsNoTracking()
            .Where(entry => entry.EntryId > after && (returnId == null || entry.ReturnId == returnId))
            .OrderBy(entry => entry.EntryId)
            .Take(paging.Size + 1)
            .Include(entry => entry.Lines)
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(Page.Of(entries.Select(entry => entry.View()), paging.Size, entry => entry.EntryId.ToString(CultureInfo.InvariantCulture)));
    }
}
