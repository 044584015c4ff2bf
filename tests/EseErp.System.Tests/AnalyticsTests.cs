using System.Globalization;
using System.Text.Json;
using EseErp.DemoData;

namespace EseErp.SystemTests;

/// <summary>Analytics are what one gets by reading every return and adding up, and cost what the journal says.</summary>
public sealed class AnalyticsTests(RunningSystem system) : SystemTest(system)
{
    [Fact]
    public async Task Should_be_what_the_returns_add_up_to()
    {
        var from = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var returns = await SomeReturns();

        var reasons = await Analytics($"returns-by-reason?from={from}");
        Sorted(reasons.List("reasons").Select(reason => $"{reason.Text("reason")} {reason.Text("returns")}"))
            .ShouldBe(Sorted(returns.GroupBy(seen => seen.Text("reason")).Select(seen => $"{seen.Key} {seen.Count()}")));
        reasons.List("reasons").Sum(reason => reason.GetProperty("share").GetDecimal()).ShouldBe(1, 0.00001m);
        var models = await Analytics($"returns-by-model?from={from}");
        Sorted(models.List("models").Select(model => $"{model.Text("sku")} {model.Text("returns")}"))
            .ShouldBe(Sorted(returns.GroupBy(seen => seen.Text("sku")).Select(seen => $"{seen.Key} {seen.Count()}")));
        (await Analytics($"returns-by-model?from={from}&top=1")).List("models").Count.ShouldBe(1);

        foreach (var mode in new[] { "event", "traditional", null })
        {
            var counted = returns.Where(seen => mode is null || seen.Text("mode") == mode).ToList();
            var query = mode is null ? $"?from={from}" : $"?from={from}&mode={mode}";
            (await Analytics($"summary{query}")).GetProperty("returns").GetInt32().ShouldBe(counted.Count);
            var durations = await Analytics($"durations{query}");
            ShouldAgree(durations.GetProperty("secondsToSettle").GetProperty("all"), counted, "settledAt");
            ShouldAgree(durations.GetProperty("secondsToRefund").GetProperty("all"), counted, "facets.refund.issuedAt");

            var diagnosed = counted.Select(seen => seen.Text("facets.disassembly.faultCode")).OfType<string>().ToList();
            var diagnoses = await Analytics($"diagnoses{query}");
            (diagnoses.GetProperty("diagnosed").GetInt32(), diagnoses.GetProperty("noFaultFound").GetInt32())
                .ShouldBe((diagnosed.Count, diagnosed.Count(code => code == "NO_FAULT_FOUND")));

            var posted = counted.Where(seen => seen.Text("facets.disposal.state") == "Posted").ToList();
            var recovery = (await Analytics($"recovery{query}")).EnumerateArray().ToList();
            recovery.Sum(currency => currency.GetProperty("units").GetInt32()).ShouldBe(posted.Count);
            recovery.Sum(currency => currency.GetProperty("landedCost").GetDecimal()).ShouldBe(posted.Sum(seen => Number(seen, "facets.disposal.provisionalCost")));
            recovery.Sum(currency => currency.GetProperty("recoveredValue").GetDecimal()).ShouldBe(posted.Sum(seen => Number(seen, "facets.disposal.recoveredValue")));
        }

        (await Analytics($"durations?from={from}")).GetProperty("secondsToSettle").GetProperty("byMode").EnumerateObject().Select(mode => mode.Name)
            .ShouldBe(["event", "traditional"], ignoreOrder: true);
        foreach (var what in new[] { "summary", "recovery" })
            (await System.Get(Teams.Tracking, $"analytics/{what}?from={from}&to={from}")).Expect(400);
    }

    [Fact]
    public async Task Should_cost_what_the_expense_accounts_bear()
    {
        await SomeReturns();

        // Of all returns there are: some may still be at the workbench.
        await Eventually.Within(
            Expectations.Soon,
            async () => (Tracking: await NetCosts(), Accounting: await ExpenseAccounts()),
            costs => costs.Tracking.Count > 0 && costs.Tracking.SequenceEqual(costs.Accounting),
            "Tracking's net cost is Accounting's");
    }

    [Fact]
    public async Task Should_count_a_delivery_once_however_often_orders_are_seeded()
    {
        // Other tests may have added orders.
        var orders = (int)await Data.Count(Teams.Sales, "select count(*) from orders");
        var catalogue = DemoCatalogue.Create(DateOnly.FromDateTime(DateTime.UtcNow), orders);
        var units = Enumerable.Range(1, orders).Select(catalogue.Order)
            .Where(order => order.DeliveredAt is not null).SelectMany(order => order.Lines).CountBy(line => line.Sku).ToDictionary();

        (await System.Post(Teams.Sales, "demo-data", new { orders })).Expect(200);
        await System.NothingIsWaiting();

        var rate = await Analytics("return-rate?top=500");
        rate.GetProperty("all").GetProperty("delivered").GetInt64().ShouldBe(units.Values.Sum());
        var models = rate.List("models").Where(model => model.GetProperty("delivered").GetInt64() > 0).ToList();
        Sorted(models.Select(model => $"{model.Text("sku")} {model.Text("delivered")}")).ShouldBe(Sorted(units.Select(model => $"{model.Key} {model.Value}")));
        models.ShouldAllBe(model => Math.Abs(
            model.GetProperty("rate").GetDecimal() - ((decimal)model.GetProperty("returned").GetInt32() / model.GetProperty("delivered").GetInt64())) < 0.000001m);
    }

    private async Task<List<JsonElement>> SomeReturns()
    {
        var returnIds = new List<string>();
        foreach (var mode in new[] { "event", "traditional" })
            foreach (var device in System.Take(4)) returnIds.Add((await System.File(device, mode)).Json.Text("returnId")!);
        returnIds.Add((await System.File(System.Catalogue.Examples.NotDelivered.Return, "event")).Expect(202).Json.Text("returnId")!);
        await System.AllClosed(returnIds);
        var returns = new List<JsonElement>();
        foreach (var returnId in returnIds) returns.Add((await System.Get(Teams.Tracking, $"returns/{returnId}")).Expect(200).Json);
        return returns;
    }

    // As percentile_cont: between the two nearest, by how near they are.
    private static void ShouldAgree(JsonElement shown, List<JsonElement> returns, string until)
    {
        var seconds = returns.Where(seen => seen.Text(until) is not null)
            .Select(seen => (Time(seen, until) - Time(seen, "requestedAt")).TotalSeconds).Order().ToList();
        shown.GetProperty("count").GetInt32().ShouldBe(seconds.Count);
        shown.GetProperty("p50").GetDouble().ShouldBe(Percentile(seconds, 0.5), 0.0001);
        shown.GetProperty("p95").GetDouble().ShouldBe(Percentile(seconds, 0.95), 0.0001);
    }

    private static double Percentile(List<double> sorted, double fraction)
    {
        var place = fraction * (sorted.Count - 1);
        var (below, above) = (sorted[(int)Math.Floor(place)], sorted[(int)Math.Ceiling(place)]);
        return below + ((above - below) * (place - Math.Floor(place)));
    }

    private static DateTimeOffset Time(JsonElement seen, string path) => DateTimeOffset.Parse(seen.Text(path)!, CultureInfo.InvariantCulture);

    private static decimal Number(JsonElement seen, string path) => decimal.Parse(seen.Text(path)!, CultureInfo.InvariantCulture);

    private static List<string> Sorted(IEnumerable<string> texts) => [.. texts.Order(StringComparer.Ordinal)];

    private async Task<JsonElement> Analytics(string path) => (await System.Get(Teams.Tracking, $"analytics/{path}")).Expect(200).Json;

    private async Task<List<string>> NetCosts() =>
        Sorted((await Analytics("net-cost")).EnumerateArray().Select(cost => $"{cost.Text("currency")} {cost.GetProperty("netCost").GetDecimal():0.0000}"));

    private async Task<List<string>> ExpenseAccounts()
    {
        var nets = new Dictionary<string, decimal>();
        for (string? after = ""; after is not null;)
        {
            var page = (await System.Get(Teams.Accounting, $"costs-per-return?limit=500&after={after}")).Expect(200).Json;
            foreach (var cost in page.List("items").SelectMany(item => item.List("costs")).Where(cost => cost.Text("currency") != "XTS"))
                nets[cost.Text("currency")!] = nets.GetValueOrDefault(cost.Text("currency")!) + cost.GetProperty("net").GetDecimal();
            after = page.Text("next");
        }

        return Sorted(nets.Select(net => $"{net.Key} {net.Value:0.0000}"));
    }
}
