using System.Text.Json;
using Npgsql;

namespace EseErp.SystemTests;

/// <summary>Accounting reads as accounting: what the journal says, by return, account, time and cost.</summary>
public sealed class BooksTests(RunningSystem system) : SystemTest(system)
{
    // ISO 4217's code for tests, long before anything else was booked: nothing else is in these books.
    private const string Currency = "XTS";
    private const string ReturnId = "RMA-2001-000001";

    [Fact]
    public async Task Should_agree_with_a_history_that_was_added_up_by_hand()
    {
        var paid = await Post("RefundIssued", "2001-03-01T10:00:00Z", null, ("Sales Returns", 100), ("Customer Refunds Payable", -100));
        await Post("ItemReceived", "2001-03-01T23:59:59.5Z", null, ("Returned Goods", 60), ("Cost of Goods Sold", -60));
        await Post("DisassemblyCompleted", "2001-03-02T00:00:00Z", null,
            ("Component Inventory", 25), ("Disposal Loss", 35), ("Return Processing Expense", 8), ("Returned Goods", -60), ("Accrued Labour", -8));
        await Post("RefundRecovered", "2001-03-03T12:00:00Z", paid, ("Customer Refunds Payable", 100), ("Sales Returns", -100));

        (await TrialBalance("2001-02-28")).ShouldBeEmpty();
        (await TrialBalance("2001-03-01T12:00:00Z")).ShouldBe(["Customer Refunds Payable 0 100 -100", "Sales Returns 100 0 100"]);
        (await TrialBalance("2001-03-01")).ShouldBe(
            ["Cost of Goods Sold 0 60 -60", "Customer Refunds Payable 0 100 -100", "Returned Goods 60 0 60", "Sales Returns 100 0 100"]);
        (await TrialBalance("2001-03-02T00:00:00Z")).ShouldBe(
            [
                "Accrued Labour 0 8 -8", "Component Inventory 25 0 25", "Cost of Goods Sold 0 60 -60", "Customer Refunds Payable 0 100 -100",
                "Disposal Loss 35 0 35", "Return Processing Expense 8 0 8", "Returned Goods 60 60 0", "Sales Returns 100 0 100",
            ]);
        (await TrialBalance("2001-03-03")).ShouldBe(
            [
                "Accrued Labour 0 8 -8", "Component Inventory 25 0 25", "Cost of Goods Sold 0 60 -60", "Customer Refunds Payable 100 100 0",
                "Disposal Loss 35 0 35", "Return Processing Expense 8 0 8", "Returned Goods 60 60 0", "Sales Returns 100 100 0",
            ]);

        (await Journal($"returnId={ReturnId}")).ShouldBe(["RefundIssued", "ItemReceived", "DisassemblyCompleted", "RefundRecovered"]);
        (await Journal($"returnId={ReturnId}&account=Sales%20Returns")).ShouldBe(["RefundIssued", "RefundRecovered"]);
        (await Journal("from=2001-03-01T23:00:00Z&to=2001-03-03T12:00:00Z")).ShouldBe(["ItemReceived", "DisassemblyCompleted"]);
        (await Entries($"returnId={ReturnId}"))[^1].Text("reverses").ShouldBe($"{paid}");

        var cost = (await System.Get(Teams.Accounting, $"costs-per-return?returnId={ReturnId}")).Expect(200).Json.List("items").Single().List("costs").Single();
        (cost.Text("currency"), cost.GetProperty("net").GetDecimal()).ShouldBe((Currency, -17));
        cost.List("accounts").Select(account => $"{account.Text("account")} {Number(account, "amount")}")
            .ShouldBe(["Cost of Goods Sold -60", "Disposal Loss 35", "Return Processing Expense 8"]);
    }

    [Fact]
    public async Task Should_name_the_event_that_caused_each_entry()
    {
        var returnId = (await System.File(System.Take(), "event")).Expect(202).Json.Text("returnId")!;
        await System.Closed(returnId);

        var entries = await Entries($"returnId={returnId}");
        entries.Count.ShouldBe(4);
        var timeline = (await System.Timeline(returnId)).ToDictionary(item => item.Text("eventId")!, item => item.Text("type")!);
        foreach (var entry in entries) Fact(timeline[entry.Text("causeEventId")!]).ShouldBe(entry.Text("cause"));
    }

    // ese.sales.refund-issued.v1 → RefundIssued
    private static string Fact(string type) =>
        string.Concat(type.Split('.')[2].Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    private async Task<List<string>> TrialBalance(string asOf)
    {
        var balance = (await System.Get(Teams.Accounting, $"trial-balance?asOf={asOf}")).Expect(200).Json;
        balance.Is("balanced").ShouldBeTrue();
        return balance.List("accounts")
            .Select(account => $"{account.Text("account")} {Number(account, "debit")} {Number(account, "credit")} {Number(account, "balance")}").ToList();
    }

    private static string Number(JsonElement element, string name) =>
        element.GetProperty(name).GetDecimal().ToString("0.##", global::System.Globalization.CultureInfo.InvariantCulture);

    private async Task<List<string?>> Journal(string filter) => (await Entries(filter)).Select(entry => entry.Text("cause")).ToList();

    private async Task<List<JsonElement>> Entries(string filter) =>
        (await System.Get(Teams.Accounting, $"journal?{filter}")).Expect(200).Json.List("items");

    private async Task<long> Post(string cause, string postedAt, long? reverses, params (string Account, decimal Amount)[] lines)
    {
        await using var session = await Data.Open(Teams.Accounting);
        await using var transaction = await session.BeginTransactionAsync();
        await using var entry = new NpgsqlCommand(
            """
            insert into journal_entries (return_id, cause, reverses, posted_at, coordination)
            values (@returnId, @cause, @reverses, @postedAt::timestamptz, 'Event') returning entry_id
            """, session, transaction);
        entry.Parameters.AddWithValue("returnId", ReturnId);
        entry.Parameters.AddWithValue("cause", cause);
        entry.Parameters.AddWithValue("postedAt", postedAt);
        entry.Parameters.Add(new NpgsqlParameter("reverses", NpgsqlTypes.NpgsqlDbType.Bigint) { Value = reverses is null ? DBNull.Value : reverses });
        var entryId = (long)(await entry.ExecuteScalarAsync())!;
        for (var number = 1; number <= lines.Length; number++)
        {
            var (account, amount) = lines[number - 1];
            await using var line = new NpgsqlCommand(
                "insert into journal_lines (entry_id, line_number, account, currency, debit, credit) values (@entry, @number, @account, @currency, @debit, @credit)",
                session, transaction);
            line.Parameters.AddWithValue("entry", entryId);
            line.Parameters.AddWithValue("number", number);
            line.Parameters.AddWithValue("account", account);
            line.Parameters.AddWithValue("currency", Currency);
            line.Parameters.AddWithValue("debit", Math.Max(amount, 0));
            line.Parameters.AddWithValue("credit", Math.Max(-amount, 0));
            await line.ExecuteNonQueryAsync();
        }

        await transaction.CommitAsync();
        return entryId;
    }
}
