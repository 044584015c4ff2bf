using System.Text.Json.Serialization;
using EseErp.Lab.Returns;
using EseErp.Launcher;

namespace EseErp.Lab.Auditing;

/// <summary>All debits less all credits of one currency.</summary>
internal sealed record CurrencyBalance(string Currency, decimal Debit, decimal Balance);

/// <summary>How often something was done, and how often it was due.</summary>
internal sealed record Effect(string Team, string What, int Due, long Done);

/// <summary>What the teams' books say at the end.</summary>
/// <param name="Settled">Accepted returns that are where they should be, in every team.</param>
/// <param name="Documents">Per team and document, how many are in which state.</param>
internal sealed record AuditResult(
    int Accepted,
    int Declined,
    int Settled,
    int Lost,
    int Doubled,
    long DeadLetters,
    IReadOnlyList<CurrencyBalance> TrialBalance,
    IReadOnlyList<Effect> Effects,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, int>> Documents,
    IReadOnlyList<Finding> Findings,
    [property: JsonIgnore] IReadOnlyDictionary<FindingKind, IReadOnlySet<string>> Places)
{
    public bool IsBalanced => TrialBalance.All(currency => currency.Balance == 0);

    /// <summary>The returns that this is wrong with, all of them.</summary>
    public IReadOnlySet<string> Of(FindingKind kind) => Places[kind];

    /// <summary>Whether every promise was kept.</summary>
    public bool Holds => Findings.Count == 0 && Settled == Accepted && Lost == 0 && Doubled == 0 && DeadLetters == 0 && IsBalanced;
}

/// <summary>Accounts for every return in every team's database, and for money and stock as a whole.</summary>
internal sealed class Audit(TeamDatabases data)
{
    private static readonly (string Team, string What, string Rule)[] s_sums =
    [
        ("inventory", "stock does not add up (what came in, less what was shipped; what is set aside; who waits)",
            """
            with asked as (
                select sku, count(*) filter (where state in ('Shipped', 'Delivered')) as shipped,
                       count(*) filter (where state in ('Reserved', 'Released')) as reserved,
                       count(*) filter (where state = 'Backordered') as backordered
                from shipment_requests group by sku
            )
            select sku from stock_items i join demo_stock using (sku) left join asked using (sku)
            where on_hand + coalesce(asked.shipped, 0) <> quantity
               or i.reserved <> coalesce(asked.reserved, 0) or i.backordered <> coalesce(asked.backordered, 0)
            """),
        ("sales", "the order's refunded amount is not the sum of its refunds",
            """
            with asked as (
                select coalesce(money_order_id, order_id) as order_id, sum(amount) as amount from order_refund_requests where state not in ('Rejected', 'Voided') group by 1
            )
            select order_id from orders left join asked using (order_id) where refunded <> coalesce(asked.amount, 0)
            """),
        ("accounting", "a journal entry does not balance",
            """
            select e.return_id from journal_entries e left join journal_lines l using (entry_id)
            group by e.entry_id, e.return_id, l.currency having coalesce(sum(l.debit), 0) <> coalesce(sum(l.credit), 0) or count(l.*) = 0
            """),
    ];

    public async Task<AuditResult> RunAsync(IReadOnlyList<FiledReturn> filed, CancellationToken cancellationToken)
    {
        var dossiers = await Dossiers.CollectAsync(data, filed, cancellationToken);
        var findings = new Findings();
        var check = new ReturnCheck(findings);
        foreach (var dossier in dossiers.Values)
            check.Check(dossier);
        CheckAnswers(filed, findings);
        foreach (var (team, what, rule) in s_sums)
        {
            foreach (var where in await data.ReadAsync(team, rule, row => row.GetString(0), cancellationToken))
                findings.Add(FindingKind.Inconsistent, what, where);
        }

        foreach (var serial in await data.ReadAsync(
            "user-support", "select serial_number from returns group by serial_number having count(*) > 1", row => row.GetString(0), cancellationToken))
            findings.Add(FindingKind.Doubled, "a device that was filed once has several returns", serial);
        await CheckRefundsAreBookedAsync(findings, cancellationToken);

        var accepted = filed.Where(each => each.IsAccepted && each.ReturnId is not null).Select(each => each.ReturnId!).ToHashSet();
        var wrong = findings.Of(FindingKind.Lost, FindingKind.Unsettled);
        return new AuditResult(
            accepted.Count,
            dossiers.Values.Count(dossier => dossier.Documents.GetValueOrDefault(Documents.Refund) == "Rejected"),
            accepted.Count(returnId => !wrong.Contains(returnId)),
            findings.Of(FindingKind.Lost).Count,
            findings.Of(FindingKind.Doubled).Count,
            await DeadLettersAsync(findings, cancellationToken),
            await TrialBalanceAsync(cancellationToken),
            Effects(dossiers.Values),
            Documents.All.ToDictionary(
                each => $"{each.Team} {each.Document}",
                each => (IReadOnlyDictionary<string, int>)dossiers.Values
                    .Select(dossier => dossier.Documents.GetValueOrDefault(each.Document)).OfType<string>()
                    .GroupBy(state => state).OrderBy(state => state.Key, StringComparer.Ordinal).ToDictionary(state => state.Key, state => state.Count())),
            findings.All,
            Enum.GetValues<FindingKind>().ToDictionary(kind => kind, kind => findings.Of(kind)));
    }

    private static void CheckAnswers(IReadOnlyList<FiledReturn> filed, Findings findings)
    {
        foreach (var each in filed)
        {
            var device = each.Planned.Device.SerialNumber;
            if (each.Answer == FilingAnswer.None)
                findings.Add(FindingKind.Lost, "a request to file it never got a definite answer", device);
            if (each.Answer == FilingAnswer.Refused)
                findings.Add(FindingKind.Inconsistent, $"User Support refused it with {each.Status}", device);
            if (each.Answer == FilingAnswer.Declined && each.Planned.IsAcceptable)
                findings.Add(FindingKind.Inconsistent, "Sales declined what it has to accept", device);
        }

        foreach (var twice in filed.Where(each => each.ReturnId is not null).GroupBy(each => each.ReturnId!).Where(same => same.Count() > 1))
            findings.Add(FindingKind.Lost, "two requests were answered with the same return", twice.Key);
    }

    // Sales says what was paid, Accounting what was booked.
    private async Task CheckRefundsAreBookedAsync(Findings findings, CancellationToken cancellationToken)
    {
        var paid = await data.ReadAsync(
            "sales", "select return_id, amount, currency from order_refund_requests where issued_at is not null",
            row => (ReturnId: row.GetString(0), Amount: row.GetDecimal(1), Currency: row.GetString(2)), cancellationToken);
        var booked = (await data.ReadAsync(
            "accounting",
            "select e.return_id, sum(l.debit), l.currency from journal_entries e join journal_lines l using (entry_id) where e.cause = 'RefundIssued' and e.reverses is null group by e.return_id, l.currency",
            row => (ReturnId: row.GetString(0), Amount: row.GetDecimal(1), Currency: row.GetString(2)), cancellationToken)).ToHashSet();
        foreach (var refund in paid.Where(refund => !booked.Contains(refund)))
            findings.Add(FindingKind.Inconsistent, "Accounting has not booked what Sales has paid", refund.ReturnId);
    }

    private async Task<long> DeadLettersAsync(Findings findings, CancellationToken cancellationToken)
    {
        var waiting = 0;
        foreach (var team in ServiceCatalog.All.Select(service => service.Team))
        {
            var keys = await data.ReadAsync(
                team, "select key, reason || ': ' || left(error, 200) from ese.dead_letters where open",
                row => (Key: row.GetString(0), Why: row.GetString(1)), cancellationToken);
            foreach (var (key, why) in keys)
                findings.Add(FindingKind.Unsettled, $"{team} has set an event aside as a dead letter ({why})", key);
            waiting += keys.Count;
        }

        return waiting;
    }

    private Task<List<CurrencyBalance>> TrialBalanceAsync(CancellationToken cancellationToken) => data.ReadAsync(
        "accounting",
        "select currency, sum(debit), sum(debit) - sum(credit) from journal_lines group by currency order by currency",
        row => new CurrencyBalance(row.GetString(0), row.GetDecimal(1), row.GetDecimal(2)),
        cancellationToken);

    private static List<Effect> Effects(IEnumerable<Dossier> all)
    {
        var dossiers = all.ToList();
        var due = dossiers.Where(dossier => dossier.Filed is { Planned.IsAcceptable: true }).Select(dossier => dossier.Filed!.Planned).ToList();
        long Facts(string type) => dossiers.Sum(dossier => dossier.Facts.GetValueOrDefault(type));
        return
        [
            new Effect("sales", "refunds paid", due.Count(planned => planned.WantsMoney), Facts("ese.sales.refund-issued.v1")),
            new Effect("inventory", "items received", due.Count, Facts("ese.inventory.item-received.v1")),
            new Effect("inventory", "replacements shipped", due.Count(planned => planned.WantsReplacement), Facts("ese.inventory.replacement-shipped.v2")),
            new Effect("manufacturing", "devices taken apart", due.Count, Facts("ese.manufacturing.disassembly-completed.v1")),
            new Effect("accounting", "disposals posted", due.Count, Facts("ese.accounting.asset-disposal-posted.v1")),
            new Effect("accounting", "journal entries", due.Sum(planned => Expectation.Of(planned).Journal.Count), dossiers.Sum(dossier => dossier.Journal.Values.Sum())),
            new Effect("tracking", "facts in the timeline", (int)dossiers.Sum(dossier => dossier.Facts.Values.Sum()), dossiers.Sum(dossier => dossier.Timeline)),
        ];
    }
}
