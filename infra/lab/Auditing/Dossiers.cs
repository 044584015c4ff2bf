using EseErp.Lab.Returns;
using EseErp.Launcher;
using Npgsql;

namespace EseErp.Lab.Auditing;

/// <summary>Collects the dossier of every return that anybody knows of.</summary>
internal static class Dossiers
{
    private static readonly (string Document, string Team, string Sql)[] s_documents =
    [
        (Documents.Return, "user-support", "select return_id, status from returns"),
        (Documents.Refund, "sales", "select return_id, state from order_refund_requests"),
        (Documents.Replacement, "inventory", "select return_id, state from shipment_requests"),
        (Documents.Receipt, "inventory", "select return_id, receipt_state from shipment_requests"),
        (Documents.Disassembly, "manufacturing", "select return_id, state from disassembly_orders"),
        (Documents.Disposal, "accounting", "select return_id, state from asset_disposals"),
    ];

    public static async Task<IReadOnlyDictionary<string, Dossier>> CollectAsync(
        TeamDatabases data, IEnumerable<FiledReturn> filed, CancellationToken cancellationToken)
    {
        var dossiers = new Dictionary<string, Dossier>();
        Dossier Of(string returnId) => dossiers.TryGetValue(returnId, out var known) ? known : dossiers[returnId] = new Dossier(returnId);

        foreach (var each in filed.Where(each => each.ReturnId is not null))
            Of(each.ReturnId!).Filed = each;
        foreach (var (document, team, sql) in s_documents)
        {
            foreach (var (returnId, state) in await data.ReadAsync(team, sql, row => (row.GetString(0), row.GetString(1)), cancellationToken))
                Of(returnId).Documents[document] = state;
        }

        const string Returns =
            """
            select return_id, status, closed_at is not null, refund ->> 'state', replacement ->> 'state', item ->> 'state', disassembly ->> 'state',
                   disposal ->> 'state'
            from returns
            """;
        foreach (var (returnId, tracked) in await data.ReadAsync("tracking", Returns, Tracked, cancellationToken))
            Of(returnId).Tracked = tracked;
        const string Timeline = "select return_id, '', count(*) from timeline group by return_id";
        foreach (var (returnId, _, entries) in await data.ReadAsync("tracking", Timeline, Counted, cancellationToken))
            Of(returnId).Timeline = entries;
        const string Journal = "select return_id, cause, count(*) from journal_entries where reverses is null group by return_id, cause";
        foreach (var (returnId, cause, entries) in await data.ReadAsync("accounting", Journal, Counted, cancellationToken))
            Of(returnId).Journal[cause] = entries;
        foreach (var team in ServiceCatalog.Publishing)
        {
            // A valuation is no return, nor is a model.
            const string Log =
                """
                select subject, type, count(*) from ese.event_log
                where type not like 'ese.sales.valuation-%' and type not like 'ese.sales.units-%' group by subject, type
                """;
            foreach (var (returnId, type, events) in await data.ReadAsync(team, Log, Counted, cancellationToken))
                Of(returnId).Facts[type] = events;
        }

        return dossiers;
    }

    private static (string ReturnId, string What, long Count) Counted(NpgsqlDataReader row) => (row.GetString(0), row.GetString(1), row.GetInt64(2));

    private static (string ReturnId, TrackedDocument Document) Tracked(NpgsqlDataReader row) => (
        row.GetString(0),
        new TrackedDocument(
            row.GetString(1), row.GetBoolean(2), TeamDatabases.Text(row, 3), TeamDatabases.Text(row, 4), TeamDatabases.Text(row, 5),
            TeamDatabases.Text(row, 6), TeamDatabases.Text(row, 7)));
}
