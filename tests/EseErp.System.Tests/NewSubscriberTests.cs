using System.Net.Http.Json;
using EseErp.Contracts;
using EseErp.SystemTests.NewSubscriber;
using Microsoft.AspNetCore.Builder;

namespace EseErp.SystemTests;

/// <summary>A service that is added later sees everything that has ever been published, and no publisher hears of it.</summary>
public sealed class NewSubscriberTests(RunningSystem system, TestDatabases databases) : SystemTest(system), IClassFixture<TestDatabases>
{
    [Fact]
    public async Task Should_see_all_history_from_both_modes_and_then_go_on_live()
    {
        foreach (var reason in new[] { ReturnReason.Defective, ReturnReason.WrongItem, ReturnReason.WarrantyClaim })
            await FileAndClose(reason, "event");
        await FileAndClose(ReturnReason.Defective, "traditional");
        await System.NothingIsWaiting();
        var past = await Published();
        past.Returns.Count.ShouldBeGreaterThanOrEqualTo(3);
        past.Refunded.ShouldNotBeEmpty();

        await using var statistics = await StatisticsService.Start(new Dictionary<string, string>(System.BrokerSettings)
        {
            ["ConnectionStrings:Database"] = await databases.CreateDatabase(),
        });
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(statistics.Urls.First()) };

        await ShouldShow(client, past);

        // What happens from now on comes too,
        await FileAndClose(ReturnReason.DamagedInTransit, "event");
        var present = await Published();
        present.Returns.Values.Sum().ShouldBe(past.Returns.Values.Sum() + 1);
        await ShouldShow(client, present);

        // and what comes again does not count again.
        (await client.PostAsync("/consumers/replay", null)).EnsureSuccessStatusCode();
        await Eventually.Within(Expectations.Soon, () => Lag(client), lag => lag == 0, "the statistics have read everything again");
        await ShouldShow(client, present);
    }

    private async Task FileAndClose(ReturnReason reason, string mode)
    {
        var answer = await System.File(System.Take() with { Reason = reason.ToString() }, mode);
        await System.Closed(answer.Expect(mode == "event" ? 202 : 201).Json.Text("returnId")!);
    }

    private static Task ShouldShow(HttpClient client, StatisticsView wanted) => Eventually.Within(Expectations.Soon, async () =>
    {
        var shown = (await client.GetFromJsonAsync<StatisticsView>("/statistics"))!;
        shown.Returns.OrderBy(row => row.Key).ShouldBe(wanted.Returns.OrderBy(row => row.Key));
        shown.Refunded.OrderBy(row => row.Key).ShouldBe(wanted.Refunded.OrderBy(row => row.Key));
    }, "the statistics show all of it");

    private static async Task<long> Lag(HttpClient client) =>
        (await client.GetFromJsonAsync<List<ConsumerLag>>("/consumers"))!.Sum(position => position.Lag);

    /// <summary>The same from the publishers' own logs.</summary>
    private async Task<StatisticsView> Published() => new(
        (await Data.Texts(Teams.UserSupport, "select data->>'reason' from ese.event_log where type = 'ese.user-support.refund-request.v1'"))
            .GroupBy(reason => reason).ToDictionary(returns => returns.Key, returns => returns.LongCount()),
        (await Data.Texts(Teams.Sales, "select data->>'currency' || ' ' || (data->>'amount') from ese.event_log where type = 'ese.sales.refund-issued.v1'"))
            .Select(refund => refund.Split(' ')).GroupBy(refund => refund[0])
            .ToDictionary(refunds => refunds.Key, refunds => refunds.Sum(refund => decimal.Parse(refund[1], global::System.Globalization.CultureInfo.InvariantCulture))));

    private sealed record ConsumerLag(long Lag);
}
