using System.Text.Json.Nodes;
using EseErp.Sales.Refunds;
using EseErp.Teams.Tests.AnyOrder;
using EseErp.UserSupport.Traditional;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace EseErp.Teams.Tests;

/// <summary>Ends that <see cref="AnyOrderTests"/> finds now and then, each by itself.</summary>
[Collection(WholeSystemCollection.Name)]
public sealed class WayToAnEndTests(WholeSystem system)
{
    private static readonly object Scrap = new { faultCode = "NO_SOUND", disposition = "Scrap" };
    private static readonly object Parts = new { parts = new[] { new { partSku = "SPK-40MM", quality = "Good", quantity = 1 } }, labourMinutes = 20 };
    private static readonly object Reason = new { reason = "A mistake." };

    [Fact]
    public async Task Should_not_take_back_at_sales_what_user_support_believes_finished()
    {
        var subject = await File();
        foreach (var (step, body) in new[] { ("item-received", Item(subject)), ("diagnosed", Scrap), ("disassembled", Parts) }) await Report(subject, step, body);

        var (status, problem) = await system.Call("sales", "POST", $"/order-refund-requests/{subject.ReturnId}/void", Reason);

        status.ShouldBe(409);
        problem!["detail"]!.ToString().ShouldContain("driven by User Support");
        (await system.Call("sales", "POST", $"/order-refund-requests/{subject.ReturnId}/decline")).Status.ShouldBe(409);
        await ShouldEnd(subject, "Completed");
    }

    [Fact]
    public async Task Should_carry_to_accounting_what_sales_recovers_after_the_end()
    {
        var subject = await File(timing: "Advance", policy: RefundPolicy.OnAuthorized);
        (await system.Call("user-support", "POST", $"/returns/{subject.ReturnId}/cancel", Reason)).Status.ShouldBe(200);
        (await Documents.Of(system, subject)).RefundState.ShouldBe("ManualReview");

        (await system.Call("sales", "POST", $"/order-refund-requests/{subject.ReturnId}/decline")).Status.ShouldBe(200);
        await Report(subject, "recalled-unit-returned");

        await ShouldEnd(subject, "Cancelled");
    }

    [Fact]
    public async Task Should_go_on_with_what_the_workbench_has_told_manufacturing_itself()
    {
        var subject = await File();
        await Report(subject, "item-received", Item(subject));
        foreach (var (step, body) in new[] { ("diagnosis", Scrap), ("complete", Parts) })
            (await system.Call("manufacturing", "POST", $"/disassembly-orders/{subject.ReturnId}/{step}", body)).Status.ShouldBe(200);
        await Report(subject, "diagnosed", Scrap);

        // Other parts than those on record are not the same report.
        (await system.Call("user-support", "POST", $"/returns/{subject.ReturnId}/steps/disassembled", new { parts = Array.Empty<object>(), labourMinutes = 20 })).Status.ShouldBe(409);
        await Report(subject, "disassembled", Parts);

        (await Documents.Of(system, subject)).DisposalState.ShouldBe("Posted");
        await ShouldEnd(subject, "Completed");
    }

    [Fact]
    public async Task Should_finish_the_work_on_an_item_that_was_inspected_when_sales_declined()
    {
        var subject = await File(price: 1_500);
        await Report(subject, "item-received", Item(subject));
        await Report(subject, "diagnosed", Scrap);
        await system.Call("sales", "POST", $"/order-refund-requests/{subject.ReturnId}/decline");
        await system.Call("user-support", "POST", $"/returns/{subject.ReturnId}/resume");
        await system.Quiet();
        (await Documents.Of(system, subject)).IsClosed.ShouldBeFalse("the item is still on the workbench");

        await Report(subject, "disassembled", Parts);

        (await Documents.Of(system, subject)).DisposalState.ShouldBe("Posted");
        await ShouldEnd(subject, "Declined");
    }

    [Fact]
    public async Task Should_finish_a_return_whose_disposal_a_person_has_taken_back()
    {
        var subject = await File();
        await Report(subject, "item-received", Item(subject));
        await system.Call("accounting", "POST", $"/asset-disposals/{subject.ReturnId}/reverse", Reason);
        await Report(subject, "diagnosed", Scrap);

        await Report(subject, "disassembled", Parts);

        (await Documents.Of(system, subject)).DisposalState.ShouldBe("Posted");
        await ShouldEnd(subject, "Completed");
    }

    [Fact]
    public async Task Should_take_another_spelling_of_a_serial_number_for_the_same_report()
    {
        var subject = await File();
        await Report(subject, "item-received", Item(subject));

        await Report(subject, "item-received", new { serialNumber = subject.SerialNumber.ToLowerInvariant().Replace('-', '\u2011'), condition = "complete" });

        (await system.Call("user-support", "POST", $"/returns/{subject.ReturnId}/steps/item-received", new { serialNumber = subject.AnotherSerialNumber, condition = "complete" }))
            .Status.ShouldBe(409);
    }

    [Theory]
    [InlineData("user-support", "ReturnToStock")]
    [InlineData("user-support", "ReturnToCustomer")]
    [InlineData("manufacturing", "ReturnToStock")]
    [InlineData("manufacturing", "Refurbish")]
    public async Task Should_not_report_again_and_again_in_a_demo_what_people_have_decided_otherwise(string where, string disposition)
    {
        var subject = await File();
        await Report(subject, "item-received", Item(subject));
        var found = new { faultCode = "NO_FAULT_FOUND", disposition };
        if (where == "user-support") await Report(subject, "diagnosed", found);
        else (await system.Call("manufacturing", "POST", $"/disassembly-orders/{subject.ReturnId}/diagnosis", found)).Status.ShouldBe(200);
        var demo = Demo();

        await demo.AdvanceDue(CancellationToken.None);
        var once = await Steps(subject);
        for (var round = 0; round < 3; round++) await demo.AdvanceDue(CancellationToken.None);

        (await Steps(subject)).ShouldBe(once);
    }

    [Fact]
    public async Task Should_carry_a_return_to_its_end_in_a_demo()
    {
        var subject = await File();
        var demo = Demo();

        for (var step = 0; step < 3; step++) await demo.AdvanceDue(CancellationToken.None);

        await ShouldEnd(subject, "Completed");
    }

    private AutoAdvance Demo()
    {
        var services = system.Of("user-support").Services;
        return new AutoAdvance(
            services.GetRequiredService<IServiceScopeFactory>(), services.GetRequiredService<TeamClient>(),
            new ConfigurationBuilder().AddInMemoryCollection([new("Ese:AutoAdvanceDelay", "00:00:00")]).Build(), TimeProvider.System, NullLogger<AutoAdvance>.Instance);
    }

    private Task<long> Steps(Subject subject) => system.Scalar("user-support", $"select count(*) from return_steps where return_id = '{subject.ReturnId}'");

    private async Task<Subject> File(string timing = "OnReceipt", decimal price = 47.40m, RefundPolicy policy = RefundPolicy.OnReceived)
    {
        system.Forget();
        system.Pays(policy);
        var number = system.NextNumber();
        var device = new Subject("", $"SO-{number}", $"RADIO-{number}", $"HP210-{number}", price, Timing: timing, Mode: "traditional");
        await system.Stock(device.Sku, 1);
        await system.Sell(device);
        foreach (var call in PublicCalls.All.Where(call => call is { Method: "POST", Team: "manufacturing" or "accounting" } && call.Route.StartsWith("/registry/", StringComparison.Ordinal)))
            await system.Call(call.Team, call.Method, call.Route, call.BodyFor(device, 0));
        var (status, answer) = await system.Call("user-support", "POST", "/returns", new
        {
            orderId = device.OrderId, lineId = "1", sku = device.Sku, serialNumber = device.SerialNumber, reason = "Defective", replacementTiming = timing, mode = "traditional",
        });
        status.ShouldBe(201);
        return device with { ReturnId = (string)answer!["returnId"]! };
    }

    private async Task Report(Subject subject, string step, object? body = null)
    {
        var (status, answer) = await system.Call("user-support", "POST", $"/returns/{subject.ReturnId}/steps/{step}", body);
        status.ShouldBe(200, answer?.ToJsonString());
    }

    private async Task ShouldEnd(Subject subject, string status)
    {
        await system.Call("user-support", "POST", $"/returns/{subject.ReturnId}/resume");
        await system.Quiet();
        (await Ends.Faults(system, [subject])).ShouldBeEmpty(string.Join("\n", system.Calls));
        ((JsonNode)(await Documents.Of(system, subject)).Tracked!["status"]!).ToString().ShouldBe(status);
    }

    private static object Item(Subject subject) => new { serialNumber = subject.SerialNumber, condition = "complete" };
}
