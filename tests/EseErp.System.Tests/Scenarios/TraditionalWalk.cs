using EseErp.DemoData;

namespace EseErp.SystemTests.Scenarios;

/// <summary>A way that a traditional return can go: what people do, one after the other.</summary>
/// <param name="KnownSteps">Calls that another way has, too, and where that is disturbed.</param>
/// <param name="LeastSteps">Calls of its own that it has at least, so that a way that lost its calls is noticed.</param>
public sealed record TraditionalWay(string Name, IReadOnlyList<WalkAction> Actions, IReadOnlyList<string> KnownSteps, int LeastSteps);

/// <summary>What someone does to a return.</summary>
/// <param name="Do">Whatever the answer is: User Support may die in the middle of it.</param>
/// <param name="Done">A condition on the rows in <c>returns</c> and <c>traditional_returns</c>: everything that follows from it is done.</param>
public sealed record WalkAction(Func<TraditionalWalk, Task> Do, string Done);

/// <summary>All ways that a traditional return can go.</summary>
public static class TraditionalWays
{
    private static readonly string[] s_openings =
        ["sales.refund-request", "inventory.shipment-request", "manufacturing.disassembly-order", "accounting.asset-disposal"];

    private static readonly string[] s_received =
    [
        .. s_openings, "inventory.receipt", "sales.item-received", "manufacturing.item-received", "accounting.item-received",
        "sales.replacement-shipped", "accounting.replacement-shipped", "accounting.refund-issued",
    ];

    private static readonly WalkAction s_file = new(walk => walk.File(), "status = 'Approved'");

    private static readonly WalkAction s_receive = new(
        walk => walk.Step("item-received", new { walk.SerialNumber, condition = "fine" }), "reported ->> 'received' is not null and status = 'Approved'");

    private static readonly WalkAction s_receiveAnother = new(
        walk => walk.Step("item-received", new { serialNumber = $"ANOTHER-{walk.SerialNumber}", condition = "fine" }), "status = 'UnderReview'");

    public static IReadOnlyList<TraditionalWay> All { get; } =
    [
        new("Completed",
            [
                s_file, s_receive, Diagnose("Scrap"),
                new(walk => walk.Step("disassembled", new { parts = Array.Empty<object>(), labourMinutes = 5 }), "reported ->> 'disassembled' is not null"),
            ],
            [], 15),
        new("Back to stock", [s_file, s_receive, Diagnose("ReturnToStock")],
            [.. s_received, "manufacturing.diagnosis", "sales.item-diagnosed", "accounting.item-diagnosed"], 1),
        new("Cancelled and recalled",
            [
                new(walk => walk.File("Advance"), "status = 'Approved'"),
                new(walk => walk.Post("cancel", new { reason = "Keeps it." }), "status = 'Cancelled'"),
                new(walk => walk.Step("recalled-unit-returned"), "reported ->> 'recallReturned' is not null"),
            ],
            s_openings, 8),
        new("Waived", [s_file, new(walk => walk.Step("item-waived", new { reason = "Not worth it." }), "reported ->> 'waived' is not null")], s_openings, 6),
        new("Expired", [s_file, new(walk => walk.Expire(), "status = 'Expired'")], s_openings, 4),
        new("Other device accepted", [s_file, s_receiveAnother, Decide("approve", "Approved")], s_received, 3),
        new("Other device declined", [s_file, s_receiveAnother, Decide("decline", "Declined")], [.. s_received, "sales.review"], 3),
    ];

    private static WalkAction Diagnose(string disposition) => new(
        walk => walk.Step("diagnosed", new { faultCode = "NO_POWER", disposition }), "reported ->> 'diagnosed' is not null");

    private static WalkAction Decide(string decision, string end) => new(walk => walk.Decide(decision), $"status = '{end}'");
}

/// <summary>One return on its way, and the people who do their part whatever happens to User Support.</summary>
public sealed class TraditionalWalk(RunningSystem system, DemoReturn device)
{
    public string SerialNumber => device.SerialNumber;

    public string ReturnId { get; private set; } = "";

    // For whoever reads why a test failed.
    private string _answer = "";

    public async Task Do(IEnumerable<WalkAction> actions)
    {
        foreach (var action in actions) await Do(action);
    }

    // Does one thing, and waits until everything is done that follows. Nothing is sent again.
    private async Task Do(WalkAction action)
    {
        try
        {
            await action.Do(this);
        }
        catch (HttpRequestException exception)
        {
            // User Support died of it.
            _answer = exception.Message;
        }

        ReturnId = await Eventually.Within(
            Expectations.Soon,
            async () => (await system.Data.Texts(
                Teams.UserSupport,
                $"""
                select case when driven_until is null and {action.Done} then return_id
                    else concat_ws(' ', 'not yet:', return_id, status, 'driven until', driven_until, 'asleep until', wake_at, failures, undo_reason, now()) end
                from returns join traditional_returns using (return_id) where serial_number = @p0
                """, SerialNumber))
                .SingleOrDefault() ?? "nothing",
            found => !found.StartsWith('n'),
            $"{SerialNumber} {ReturnId} has {action.Done}, after the answer {_answer}");
    }

    public Task File(string? timing = null) => Send(
        "returns", new { device.OrderId, device.LineId, device.Sku, SerialNumber, device.Reason, replacementTiming = timing, mode = "traditional" });

    public Task Post(string path, object? body = null) => Send($"returns/{ReturnId}/{path}", body);

    public Task Step(string step, object? report = null) => Post($"steps/{step}", report);

    /// <summary>Its last day is over: the date is moved, not the clock, which all returns share.</summary>
    public async Task Expire()
    {
        foreach (var (team, table) in new[] { (Teams.Inventory, "shipment_requests"), (Teams.UserSupport, "traditional_returns") })
        {
            await using var session = await system.Data.Open(team);
            await using var command = session.CreateCommand();
            command.CommandText = $"update {table} set due_at = now() - interval '1 minute' where return_id = @id";
            command.Parameters.AddWithValue("id", ReturnId);
            (await command.ExecuteNonQueryAsync()).ShouldBe(1);
        }
    }

    /// <summary>A person at Sales decides; nobody tells User Support.</summary>
    public async Task Decide(string decision) =>
        (await system.Post(Teams.Sales, $"order-refund-requests/{ReturnId}/{decision}", new { note = "Looked at it." }, Guid.NewGuid().ToString())).Expect(200);

    private async Task Send(string path, object? body)
    {
        var answer = await system.Post(Teams.UserSupport, path, body, Guid.NewGuid().ToString());
        _answer = $"{answer.Status} {answer.Body}";
    }

    /// <summary>The calls made for it, in order; a question once, however often it was asked.</summary>
    public async Task<IReadOnlyList<string>> Steps()
    {
        var steps = (await system.Get(Teams.UserSupport, $"returns/{ReturnId}")).Expect(200).Json.List("steps");
        steps.ShouldAllBe(step => step.Text("outcome") == "Done" || step.Text("outcome") == "Undone");
        return [.. steps.Select(step => step.Text("step")!)];
    }
}
