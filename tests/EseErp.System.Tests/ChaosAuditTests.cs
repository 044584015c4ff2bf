using EseErp.Lab.Auditing;
using EseErp.Lab.Chaos;
using Npgsql;

namespace EseErp.SystemTests;

/// <summary>
/// <c>./ese chaos</c> says that nothing was lost or doubled. Here something is: every account that a run keeps can fail, and
/// says what is wrong.
/// </summary>
public sealed class ChaosAuditTests(SettledChaos chaos) : IClassFixture<SettledChaos>
{
    private const string OpenJournal =
        """
        grant insert, update, delete on journal_entries, journal_lines to current_user;
        alter table journal_entries disable trigger user;
        alter table journal_lines disable trigger user;
        """;

    private const string CloseJournal =
        """
        alter table journal_entries enable trigger user;
        alter table journal_lines enable trigger user;
        """;

    private const string FirstDebit = "(entry_id, line_number) = (select entry_id, line_number from journal_lines where debit > 0 order by 1, 2 limit 1)";

    [Fact]
    public async Task Should_find_nothing_wrong_when_nothing_is()
    {
        chaos.Report.Kept.ShouldBeTrue(chaos.Report.ToJson());
        (await chaos.Audit()).ShouldSatisfyAllConditions(
            audit => audit.Holds.ShouldBeTrue(),
            audit => audit.Accepted.ShouldBeInRange(55, 60),
            audit => audit.Effects.ShouldAllBe(effect => effect.Due == effect.Done && effect.Due > 0));
    }

    [Fact]
    public Task Should_expose_a_lost_refund_request() => Expose(
        FindingKind.Lost, "sales has no refund", audit => audit.Lost == 1 && audit.Settled == audit.Accepted - 1, Teams.Sales,
        """
        create table aside as select * from order_refund_requests where state = 'Issued' order by return_id limit 1;
        delete from order_refund_requests where return_id in (select return_id from aside);
        """,
        "insert into order_refund_requests select * from aside; drop table aside;");

    [Fact]
    public Task Should_expose_a_return_that_Tracking_never_heard_of() => Expose(
        FindingKind.Lost, "Tracking does not know it", audit => audit.Lost == 1, Teams.Tracking,
        "create table aside as select * from returns order by return_id limit 1; delete from returns where return_id in (select return_id from aside);",
        "insert into returns select * from aside; drop table aside;");

    [Fact]
    public Task Should_expose_a_fact_that_Tracking_never_heard_of() => Expose(
        FindingKind.Lost, "facts are missing in Tracking's timeline", audit => audit.Lost == 1, Teams.Tracking,
        "create table aside as select * from timeline order by event_id limit 1; delete from timeline where event_id in (select event_id from aside);",
        "insert into timeline overriding system value select * from aside; drop table aside;");

    [Fact]
    public Task Should_expose_a_booking_that_is_missing() => Expose(
        FindingKind.Lost, "the journal has no ItemReceived", audit => audit.Lost == 1, Teams.Accounting,
        OpenJournal
        + "update journal_entries set cause = 'Gone' where entry_id = (select min(entry_id) from journal_entries where cause = 'ItemReceived');",
        "update journal_entries set cause = 'ItemReceived' where cause = 'Gone';" + CloseJournal);

    [Fact]
    public Task Should_expose_a_doubled_journal_entry() => Expose(
        FindingKind.Doubled, "the journal has 2 entries for RefundIssued", audit => audit.Doubled == 1 && audit.IsBalanced, Teams.Accounting,
        OpenJournal
        + """
        drop index one_entry_per_return_and_cause;
        create table aside as select * from journal_entries where cause = 'RefundIssued' order by entry_id limit 1;
        insert into journal_entries (return_id, cause, posted_at, coordination) select return_id, cause, posted_at, coordination from aside;
        insert into journal_lines (entry_id, line_number, account, currency, debit, credit)
        select (select max(entry_id) from journal_entries), line_number, account, currency, debit, credit
        from journal_lines where entry_id = (select entry_id from aside);
        """,
        """
        delete from journal_lines where entry_id = (select max(entry_id) from journal_entries);
        delete from journal_entries where entry_id = (select max(entry_id) from journal_entries);
        drop table aside;
        create unique index one_entry_per_return_and_cause on journal_entries (return_id, cause) where reverses is null;
        """ + CloseJournal);

    [Fact]
    public Task Should_expose_books_that_do_not_balance() => Expose(
        FindingKind.Inconsistent, "a journal entry does not balance", audit => audit.TrialBalance.Count(currency => currency.Balance == 1) == 1, Teams.Accounting,
        $"{OpenJournal} update journal_lines set debit = debit + 1 where {FirstDebit};",
        $"update journal_lines set debit = debit - 1 where {FirstDebit}; {CloseJournal}");

    // Before the first position it lies behind what the relay has published: the other teams never see it.
    [Fact]
    public Task Should_expose_a_fact_that_is_recorded_twice() => Expose(
        FindingKind.Doubled, "ese.inventory.replacement-shipped.v2 is recorded 2 times", audit => audit.Doubled == 1, Teams.Inventory,
        """
        insert into ese.event_log (position, stream_id, stream_version, event_id, type, subject, time, correlation_id, coordination, data) overriding system value
        select -1, stream_id, 1000, gen_random_uuid(), type, subject, time, correlation_id, coordination, data
        from ese.event_log where type = 'ese.inventory.replacement-shipped.v2' order by stream_id limit 1;
        """,
        """
        alter table ese.event_log disable trigger event_log_is_append_only;
        delete from ese.event_log where stream_version = 1000;
        alter table ese.event_log enable trigger event_log_is_append_only;
        """);

    [Fact]
    public Task Should_expose_a_return_that_was_accepted_twice() => Expose(
        FindingKind.Doubled, "a device that was filed once has several returns", audit => audit.Doubled > 0, Teams.UserSupport,
        """
        create table aside as select * from returns where mode = 'Event' order by return_id limit 1;
        update aside set return_id = 'RMA-2026-999999';
        insert into returns select * from aside;
        """,
        "delete from returns where return_id in (select return_id from aside); drop table aside;");

    [Fact]
    public Task Should_expose_a_return_that_is_stuck() => Expose(
        FindingKind.Unsettled, "manufacturing's disassembly is AwaitingItem, not Disassembled", audit => audit.Settled == audit.Accepted - 1, Teams.Manufacturing,
        "update disassembly_orders set state = 'AwaitingItem' where return_id = (select min(return_id) from disassembly_orders where state = 'Disassembled');",
        "update disassembly_orders set state = 'Disassembled' where state = 'AwaitingItem';");

    [Fact]
    public Task Should_expose_stock_that_does_not_add_up() => Expose(
        FindingKind.Inconsistent, "stock does not add up", audit => audit.Settled == audit.Accepted, Teams.Inventory,
        "update stock_items set on_hand = on_hand + 1 where sku = (select min(sku) from stock_items);",
        "update stock_items set on_hand = on_hand - 1 where sku = (select min(sku) from stock_items);");

    [Fact]
    public Task Should_expose_a_refund_that_is_booked_with_another_amount() => Expose(
        FindingKind.Inconsistent, "Accounting has not booked what Sales has paid", audit => audit.IsBalanced, Teams.Sales,
        "update order_refund_requests set amount = amount + 1 where return_id = (select min(return_id) from order_refund_requests where state = 'Issued');",
        "update order_refund_requests set amount = amount - 1 where return_id = (select min(return_id) from order_refund_requests where state = 'Issued');");

    [Fact]
    public Task Should_expose_a_dead_letter() => Expose(
        FindingKind.Unsettled, "sales has set an event aside as a dead letter (Exhausted: tampered)", audit => audit.DeadLetters == 1, Teams.Sales,
        """
        insert into ese.dead_letters (topic, partition, "offset", key, reason, error, attempts, value, published)
        values ('ese.inventory.shipments', 0, 0, 'RMA-2026-000001', 'Exhausted', 'tampered', 1, '', true);
        """,
        "delete from ese.dead_letters where error = 'tampered';");

    private async Task Expose(FindingKind kind, string what, Func<AuditResult, bool> counts, string team, string tamper, string mend)
    {
        await Run(team, tamper);
        var audit = await chaos.Audit();
        await Run(team, mend);

        audit.Findings.ShouldContain(
            finding => finding.Kind == kind && finding.What.StartsWith(what) && finding.Count > 0 && finding.Examples.Count == finding.Count,
            string.Join('\n', audit.Findings));
        counts(audit).ShouldBeTrue(audit.ToString());
        audit.Holds.ShouldBeFalse();
        (chaos.Report with { Audit = audit }).ShouldSatisfyAllConditions(
            report => report.Kept.ShouldBeFalse(),
            report => report.Sentence.ShouldStartWith("A promise broke: "));
        // Nothing else was wrong.
        (await chaos.Audit()).Findings.ShouldBeEmpty();
    }

    private async Task Run(string team, string sql)
    {
        await using var session = await chaos.Data.Open(team);
        await using var command = new NpgsqlCommand(sql, session);
        await command.ExecuteNonQueryAsync();
    }
}
