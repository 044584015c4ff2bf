using System.Text.Json.Nodes;
using EseErp.Teams.Tests.Running;

namespace EseErp.Teams.Tests;

/// <summary>What a team is told of a return by calls comes from whoever opened it, so that all teams are told the same.</summary>
public sealed class DriverTests(FourTeams teams) : IClassFixture<FourTeams>
{
    public static TheoryData<string, string, string?> Drives => ReturnIdentityTests.Drives;

    public static TheoryData<string, string> Openings => new()
    {
        { "sales", "/order-refund-requests" },
        { "inventory", "/shipment-requests" },
        { "manufacturing", "/disassembly-orders" },
        { "accounting", "/asset-disposals" },
    };

    [Theory]
    [MemberData(nameof(Drives))]
    public async Task Should_let_only_its_driver_drive_a_return(string team, string address, string? body)
    {
        var id = await teams.NewReturn();
        await Open(team, id, "driver-1");
        var recorded = await teams.Of(team).Recorded(id);

        foreach (var driver in new[] { null, "driver-2" })
        {
            var (status, problem) = await Drive(driver);
            status.ShouldBe(409);
            problem!["detail"]!.ToString().ShouldContain("driven by User Support");
            problem.ToJsonString().ShouldNotContain("driver-1");
        }

        (await teams.Of(team).Recorded(id)).ShouldBe(recorded);
        // One that is not due says so.
        if (address.EndsWith("/expire", StringComparison.Ordinal)) (await Drive("driver-1")).Body!["detail"]!.ToString().ShouldContain("expected until");
        else (await Drive("driver-1")).Status.ShouldBe(200);

        Task<(int Status, JsonNode? Body)> Drive(string? driver) =>
            teams.Of(team).Post(string.Format(null, address, id), body is null ? null : JsonNode.Parse(body), driver);
    }

    [Theory]
    [MemberData(nameof(Drives))]
    public async Task Should_let_anybody_drive_what_was_opened_without_a_driver(string team, string address, string? body)
    {
        var id = await teams.NewReturn();
        await Open(team, id, null);

        var (_, answer) = await teams.Of(team).Post(string.Format(null, address, id), body is null ? null : JsonNode.Parse(body), "driver-2");

        answer!["detail"]?.ToString().ShouldContain("expected until");
    }

    [Theory]
    [MemberData(nameof(Openings))]
    public async Task Should_not_take_what_somebody_else_opened_for_the_drivers_own(string team, string address)
    {
        var (strangers, drivers) = (await teams.NewReturn(), await teams.NewReturn());
        await Open(team, strangers, null);
        await Open(team, drivers, "driver-1");

        var (status, problem) = await teams.Of(team).Post(address, FourTeams.Opening(team, strangers), "driver-1");

        status.ShouldBe(409);
        problem!["differences"]!["driver"].ShouldNotBeNull();
        (await teams.Of(team).Post(address, FourTeams.Opening(team, drivers), "driver-2")).Status.ShouldBe(409);
        (await teams.Of(team).Post(address, FourTeams.Opening(team, drivers), "driver-1")).Status.ShouldBe(201);
        // To look at it is not to drive it.
        (await teams.Of(team).Post(address, FourTeams.Opening(team, drivers))).Status.ShouldBe(201);
    }

    [Fact]
    public async Task Should_refuse_a_key_that_is_none()
    {
        var id = await teams.NewReturn();

        var (status, problem) = await teams.Of("sales").Post("/order-refund-requests", FourTeams.Opening("sales", id), new string('x', 101));

        status.ShouldBe(400);
        problem!["errors"]!["Driver-Key"].ShouldNotBeNull();
    }

    [Fact]
    public async Task Should_book_what_the_driver_says_was_done_even_if_a_person_had_taken_the_disposal_back()
    {
        var (driven, anybodys) = (await teams.NewReturn(), await teams.NewReturn());
        var done = new { recoveredValue = 1.9, labourCost = 6.5, currency = "EUR" };
        await Open("accounting", driven, "driver-1");
        await Open("accounting", anybodys, null);
        foreach (var id in new[] { driven, anybodys }) await teams.Of("accounting").Post($"/asset-disposals/{id}/reverse", new { reason = "A mistake." });

        (await teams.Of("accounting").Post($"/asset-disposals/{anybodys}/disassembly-completed", done)).Status.ShouldBe(409);
        var (status, disposal) = await teams.Of("accounting").Post($"/asset-disposals/{driven}/disassembly-completed", done, "driver-1");

        status.ShouldBe(200);
        disposal!["state"]!.ToString().ShouldBe("Posted");
    }

    private async Task Open(string team, string id, string? driver) =>
        (await teams.Of(team).Post((string)Openings.Single(opening => (string)opening[0] == team)[1], FourTeams.Opening(team, id), driver)).Status.ShouldBe(201);
}
