using System.Text.Json;

namespace EseErp.SystemTests.Running;

/// <summary>What a return comes to, and how long that may take at most on a busy machine.</summary>
public static class Expectations
{
    public static TimeSpan Soon { get; } = TimeSpan.FromSeconds(60);

    /// <summary>For many returns at once.</summary>
    public static TimeSpan InTheEnd { get; } = TimeSpan.FromMinutes(5);

    /// <summary>A return as Tracking shows it, once it is as wanted.</summary>
    public static Task<JsonElement> Tracked(this RunningSystem system, string returnId, Func<JsonElement, bool> until, string whatFor) =>
        Eventually.Within(Soon, async () => (await system.Get(Teams.Tracking, $"returns/{returnId}")).Expect(200).Json, until, $"{returnId} {whatFor}");

    public static Task<JsonElement> Closed(this RunningSystem system, string returnId) => system.Tracked(returnId, seen => seen.Is("closed"), "is closed");

    public static Task<JsonElement> Settled(this RunningSystem system, string returnId) => system.Tracked(returnId, seen => seen.Is("settled"), "is settled");

    public static async Task<List<JsonElement>> Timeline(this RunningSystem system, string returnId) =>
        (await system.Get(Teams.Tracking, $"returns/{returnId}/timeline?limit=200")).Expect(200).Json.List("items");

    /// <summary>Waits until Tracking has closed all of them.</summary>
    public static Task AllClosed(this RunningSystem system, IReadOnlyCollection<string> returnIds) => Eventually.Within(
        InTheEnd,
        () => system.Data.Count(Teams.Tracking, "select count(*) from returns where closed_at is not null and return_id = any(@p0)", returnIds.ToArray()),
        closed => closed == returnIds.Count,
        $"{returnIds.Count} returns are closed");

    /// <summary>How many documents a team has for these returns.</summary>
    public static Task<long> Documents(this RunningSystem system, string team, params string[] returnIds) =>
        system.Data.Count(team, $"select count(*) from {Teams.Documents[team]} where return_id = any(@p0)", returnIds);

    /// <summary>The journal's promise, at any moment: debits equal credits in every currency.</summary>
    public static async Task TrialBalanceIsZero(this RunningSystem system)
    {
        var balance = (await system.Get(Teams.Accounting, "trial-balance")).Expect(200).Json;
        balance.Is("balanced").ShouldBeTrue(balance.ToString());
        balance.List("totals").ShouldNotBeEmpty();
        balance.List("totals").ShouldAllBe(total => total.GetProperty("balance").GetDecimal() == 0);
    }

    /// <summary>No team has recorded a fact of a return twice, and nothing is in the journal twice.</summary>
    public static async Task ShouldHaveDoneNothingTwice(this RunningSystem system, IReadOnlyCollection<string> returnIds)
    {
        foreach (var team in Teams.Publishing)
            (await system.Data.Texts(
                team,
                """
                select stream_id || ' ' || type from ese.event_log
                where stream_id = any(@p0) and type not in ('ese.user-support.return-incomplete.v1', 'ese.user-support.return-resumed.v1', 'ese.user-support.teams-called.v1')
                group by stream_id, type having count(*) > 1
                """,
                returnIds.ToArray())).ShouldBeEmpty(team);
        (await system.Data.Texts(
            Teams.Accounting,
            "select return_id || ' ' || cause from journal_entries where return_id = any(@p0) group by return_id, cause having count(*) > 1",
            returnIds.ToArray())).ShouldBeEmpty();
    }

    /// <summary>What left the warehouse is missing there, what came back as good as new is there, and what is set aside has someone it is set aside for.</summary>
    public static async Task StockIsConsistent(this RunningSystem system) =>
        (await system.Data.Texts(
            Teams.Inventory,
            """
            with asked as (
                select sku, count(*) filter (where state in ('Shipped', 'Delivered', 'Recalled')) as shipped,
                       count(*) filter (where state in ('Reserved', 'Released')) as reserved,
                       count(*) filter (where state = 'Backordered') as backordered
                from shipment_requests group by sku
            ), shelved as (
                select coalesce(returned_sku, sku) as sku, count(*) as units from shipment_requests where is_restocked group by 1
            )
            select format('%s: on hand %s, reserved %s, backordered %s; began with %s; requests %s', sku, on_hand, i.reserved, i.backordered, quantity, to_json(asked))
            from stock_items i join demo_stock using (sku) left join asked using (sku) left join shelved using (sku)
            where on_hand + coalesce(asked.shipped, 0) - coalesce(shelved.units, 0) <> quantity
               or i.reserved <> coalesce(asked.reserved, 0) or i.backordered <> coalesce(asked.backordered, 0)
            """)).ShouldBeEmpty();

    /// <summary>Every consumer group has applied everything that was published, and set nothing aside as a dead letter.</summary>
    public static async Task NothingIsWaiting(this RunningSystem system)
    {
        foreach (var team in Teams.All.Where(team => team != Teams.UserSupport))
        {
            await Eventually.Within(
                Soon,
                async () => (await system.Get(team, "consumers")).Expect(200).Json.EnumerateArray().Sum(position => position.GetProperty("lag").GetInt64()),
                lag => lag == 0,
                $"{team} has applied everything");
            (await system.Get(team, "dead-letters?all=true")).Expect(200).Json.List("items").ShouldBeEmpty(team);
        }
    }
}
