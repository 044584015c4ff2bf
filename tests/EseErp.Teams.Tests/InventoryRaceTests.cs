using EseErp.Contracts;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.Sales;
using EseErp.Contracts.UserSupport;
using EseErp.EventStore;
using EseErp.Inventory;
using EseErp.Inventory.Data;
using EseErp.Inventory.Receipts;
using EseErp.Inventory.Shipments;
using EseErp.Inventory.Stock;
using EseErp.Messaging;
using EseErp.Teams.Tests.Running;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace EseErp.Teams.Tests;

/// <summary>What races for the item or the stock of a return is decided once, on a real database.</summary>
public sealed class InventoryRaceTests : IAsyncLifetime
{
    private const string Serial = "HP210-26K7-0000423";
    private const int Rounds = 12;

    private TeamInProcess _team = null!;

    public async Task InitializeAsync() => _team = await TeamInProcess.Start("inventory", builder => builder.AddInventory());

    public async Task DisposeAsync() => await _team.DisposeAsync();

    [Fact]
    public async Task Should_either_cancel_or_receive_but_not_both()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var (id, sku) = await Opened(units: 1);

            await TeamInProcess.AtOnce(() => Cancel(id), () => Receive(id));

            var recorded = await _team.Recorded(id);
            var received = recorded.Contains("item-received");
            recorded.Contains("cancellation-accepted").ShouldBe(!received);
            recorded.Contains("cancellation-refused").ShouldBe(received);
            (await Request(id)).Receipt.State.ShouldBe(received ? ReceiptState.Received : ReceiptState.Closed);
            (await Stock(sku)).Reserved.ShouldBe(received ? 1 : 0);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Should_answer_the_second_by_what_the_first_decided(bool cancelFirst)
    {
        var (id, _) = await Opened(units: 1);

        await (cancelFirst ? Cancel(id) : Receive(id));
        await (cancelFirst ? Receive(id) : Cancel(id));

        (await _team.Recorded(id)).Contains("item-received").ShouldBe(!cancelFirst);
        (await _team.Recorded(id)).Contains("cancellation-accepted").ShouldBe(cancelFirst);
    }

    [Fact]
    public async Task Should_receive_an_item_once()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var (id, _) = await Opened(units: 1);
            await Apply(id, new OrderRefundAuthorized(id, "C-1", 1, "EUR"));

            await TeamInProcess.AtOnce(() => Receive(id), () => Receive(id, "OTHER"), () => Receive(id));

            (await _team.Recorded(id)).Count(type => type == "item-received").ShouldBe(1);
            (await _team.Recorded(id)).Count(type => type == "replacement-shipped")
                .ShouldBe((await Request(id)).Receipt.ReceivedSerialNumber == Serial ? 1 : 0);
        }
    }

    [Fact]
    public async Task Should_serve_whoever_is_left_when_stock_comes_in_while_someone_cancels()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var (id, sku) = await Opened(units: 0);
            var next = await Open(sku);

            await TeamInProcess.AtOnce(() => Cancel(id), () => Replenish(sku, 1));

            (await Request(id)).State.ShouldBe(ShipmentState.Cancelled);
            (await Request(next)).State.ShouldBe(ShipmentState.Reserved);
            (await Stock(sku)).ShouldBe(new StockItemView(sku, 1, 1, 0, 0));
        }
    }

    [Fact]
    public async Task Should_give_the_last_unit_to_one_of_two()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var sku = $"LAST-{Guid.NewGuid():N}"[..20];
            await Replenish(sku, 1);
            var ids = new[] { TeamInProcess.NewReturn(), TeamInProcess.NewReturn() };

            await TeamInProcess.AtOnce([.. ids.Select(id => (Func<Task>)(() => Open(sku, id)))]);

            var states = new[] { (await Request(ids[0])).State, (await Request(ids[1])).State };
            states.Order().ShouldBe([ShipmentState.Reserved, ShipmentState.Backordered]);
            (await Stock(sku)).ShouldBe(new StockItemView(sku, 1, 1, 0, 1));
        }
    }

    [Fact]
    public async Task Should_expire_what_is_overdue_and_nothing_else()
    {
        var (overdue, sku) = await Opened(units: 2);
        var (received, _) = await Opened(units: 1);
        await Receive(received);
        var traditional = await Open(sku, coordination: CoordinationMode.Traditional);
        var sweep = Sweep();

        _team.Clock.Advance(TimeSpan.FromDays(14) - TimeSpan.FromSeconds(1));
        var (young, _) = await Opened(units: 1);
        await sweep.ExpireDue(CancellationToken.None);
        (await Request(overdue)).Receipt.State.ShouldBe(ReceiptState.Expected);
        _team.Clock.Advance(TimeSpan.FromSeconds(1));
        await TeamInProcess.AtOnce(() => sweep.ExpireDue(CancellationToken.None), () => sweep.ExpireDue(CancellationToken.None));
        await sweep.ExpireDue(CancellationToken.None);

        (await _team.Recorded(overdue)).ShouldBe(["return-expected", "replacement-reserved", "return-expired", "replacement-cancelled"]);
        (await Request(received)).Receipt.State.ShouldBe(ReceiptState.Received);
        (await Request(traditional)).Receipt.State.ShouldBe(ReceiptState.Expected);
        (await Request(young)).Receipt.State.ShouldBe(ReceiptState.Expected);
    }

    [Fact]
    public async Task Should_meet_one_end_when_cancellation_receipt_and_expiry_race()
    {
        var sweep = Sweep();
        for (var round = 0; round < Rounds; round++)
        {
            var (id, _) = await Opened(units: 1);
            _team.Clock.Advance(TimeSpan.FromDays(15));

            await TeamInProcess.AtOnce(() => Cancel(id), () => Receive(id), () => sweep.ExpireDue(CancellationToken.None));

            (await _team.Recorded(id)).Count(type => type is "item-received" or "cancellation-accepted" or "return-expired").ShouldBe(1);
        }
    }

    [Fact]
    public async Task Should_put_an_item_on_the_shelf_once_its_model_is_kept_in_stock()
    {
        var id = await Open("NEW-MODEL", resolution: Resolution.Refund);
        await Receive(id);

        await _team.Work(async services =>
        {
            await services.GetRequiredService<ShipmentRows>().Load([id], [], CancellationToken.None, [id]);
            await services.GetRequiredService<ShipmentDesk>().Note(id, new Contracts.Manufacturing.ItemDiagnosed(id, "NO_FAULT_FOUND", Disposition.ReturnToStock), CancellationToken.None);
        });

        (await _team.Recorded(id)).ShouldNotContain("item-restocked");
        (await StockItems("NEW-MODEL")).ShouldBe(0);
        await _team.Work(services => Keep(services, "NEW-MODEL"));

        (await Stock("NEW-MODEL")).OnHand.ShouldBe(1);
        (await _team.Recorded(id))[^1].ShouldBe("item-restocked");
    }

    [Fact]
    public async Task Should_serve_whoever_waited_for_a_model_before_it_was_kept_in_stock()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var sku = $"NEW-{Guid.NewGuid():N}"[..20];
            var (early, cancelled, racing) = (await Open(sku), await Open(sku), TeamInProcess.NewReturn());
            (await Request(early)).State.ShouldBe(ShipmentState.Backordered);
            (await StockItems(sku)).ShouldBe(0, "a return makes no stock");

            await TeamInProcess.AtOnce(() => Cancel(cancelled), () => Open(sku, racing), () => Replenish(sku, 3));

            foreach (var id in new[] { early, racing }) (await Request(id)).State.ShouldBe(ShipmentState.Reserved);
            (await Request(cancelled)).State.ShouldBe(ShipmentState.Cancelled);
            (await Stock(sku)).ShouldBe(new StockItemView(sku, 3, 2, 1, 0));
        }
    }

    [Fact]
    public async Task Should_receive_a_device_under_one_of_two_returns_however_it_is_written()
    {
        await _team.Listen(app => app.MapReceipts());
        for (var round = 0; round < Rounds; round++)
        {
            var (one, sku) = await Opened(units: 1);
            var (other, device) = (await Open(sku), $"CAME-{round}");

            var statuses = await Task.WhenAll(PostReceipt(one, device), PostReceipt(other, $"came\u2011{round}"));

            statuses.Order().ShouldBe([201, 409]);
            var (has, lacks) = statuses[0] == 201 ? (one, other) : (other, one);
            var (_, problem) = await _team.Post("/receipts", new RecordReceipt(lacks, device, "complete"));
            problem!["detail"]!.ToString().ShouldContain(has);
            (await Request(lacks)).Receipt.State.ShouldBe(ReceiptState.Expected);
        }
    }

    [Fact]
    public async Task Should_receive_a_device_again_once_it_has_left()
    {
        await _team.Listen(app => app.MapReceipts());
        var (restocked, sku) = await Opened(units: 1);
        var (declined, sold) = (await Open(sku), await Open(sku));
        await PostReceipt(restocked, Serial);
        (await PostReceipt(declined, Serial)).ShouldBe(409);

        // It was put on the shelf and sold once more; then it went back to its buyer.
        await Diagnose(restocked, Disposition.ReturnToStock);
        (await PostReceipt(declined, Serial)).ShouldBe(201);
        await Apply(declined, new OrderRefundRejected(declined, [RejectionReason.DeclinedOnReview]));

        (await PostReceipt(sold, Serial)).ShouldBe(201);
    }

    [Fact]
    public async Task Should_tell_devices_of_two_models_apart_that_have_the_same_number()
    {
        await _team.Listen(app => app.MapReceipts());
        var ((one, _), (other, _)) = (await Opened(units: 1), await Opened(units: 1));

        (await PostReceipt(one, Serial)).ShouldBe(201);
        (await PostReceipt(other, Serial)).ShouldBe(201);
    }

    [Fact]
    public async Task Should_put_an_item_on_the_shelf_whose_model_is_kept_in_stock_while_it_is_inspected()
    {
        var (sku, id) = ("RACED-MODEL", await Open("RACED-MODEL", resolution: Resolution.Refund));
        await Receive(id);
        var (begun, inspecting) = (new TaskCompletionSource(), new TaskCompletionSource());
        var keeping = _team.Work(async services =>
        {
            await Keep(services, sku);
            begun.TrySetResult();
            await inspecting.Task;
        });
        await begun.Task;

        var inspected = _team.Work(services => Batch(services, new Contracts.Manufacturing.ItemDiagnosed(id, "NO_FAULT_FOUND", Disposition.ReturnToStock)));
        await Eventually.Within(TimeSpan.FromSeconds(20), async () => inspected.IsCompleted || await WaitsForALock(), done => done, "the inspection is noted, or waits");
        inspecting.SetResult();
        await Task.WhenAll(keeping, inspected);

        (await _team.Recorded(id))[^1].ShouldBe("item-restocked");
        (await Stock(sku)).OnHand.ShouldBe(1);
    }

    [Fact]
    public async Task Should_put_an_item_on_the_shelf_that_was_inspected_before_its_return_was_known()
    {
        var (sku, id) = ("EARLY-MODEL", TeamInProcess.NewReturn());
        await Replenish(sku, 1);
        await _team.Work(services => Batch(services, new Contracts.Manufacturing.ItemDiagnosed(id, "NO_FAULT_FOUND", Disposition.ReturnToStock)));

        await Open(sku, id, resolution: Resolution.Refund);

        (await Stock(sku)).OnHand.ShouldBe(2);
    }

    [Fact]
    public async Task Should_put_an_item_on_the_shelf_when_a_model_is_kept_in_stock_that_is_kept_already()
    {
        await _team.Listen(app => app.MapStock());
        var (sku, id) = ("MISSED-MODEL", await Open("MISSED-MODEL", resolution: Resolution.Refund));
        await Receive(id);
        await Diagnose(id, Disposition.ReturnToStock);
        await Execute($"insert into stock_items (sku, on_hand, reserved, backordered) values ('{sku}', 0, 0, 0)");

        (await _team.Post("/stock", new KeepInStock(sku))).Status.ShouldBe(200);

        (await Stock(sku)).OnHand.ShouldBe(1);
    }

    private OverdueItems Sweep() => new(
        _team.Services.GetRequiredService<IServiceScopeFactory>(), _team.Services.GetRequiredService<IOptions<ShipmentOptions>>(), _team.Clock, NullLogger<OverdueItems>.Instance);

    private async Task<(string Id, string Sku)> Opened(int units)
    {
        var sku = $"HP-{Guid.NewGuid():N}"[..20];
        if (units > 0) await Replenish(sku, units);
        return (await Open(sku), sku);
    }

    private async Task<string> Open(
        string sku, string? id = null, CoordinationMode coordination = CoordinationMode.Event, Resolution resolution = Resolution.RefundAndReplace)
    {
        id ??= TeamInProcess.NewReturn();
        await _team.Work(async services =>
        {
            await services.GetRequiredService<ShipmentRows>().Load([id], resolution == Resolution.Refund ? [] : [sku], CancellationToken.None);
            await services.GetRequiredService<ShipmentDesk>().Open(new OpenShipmentRequest(id, sku, Serial, resolution), coordination, CancellationToken.None);
        });
        return id;
    }

    private async Task<int> PostReceipt(string id, string serialNumber) => (await _team.Post("/receipts", new RecordReceipt(id, serialNumber, "complete"))).Status;

    private Task Diagnose(string id, Disposition disposition) => _team.Work(services => Batch(services, new Contracts.Manufacturing.ItemDiagnosed(id, "NO_FAULT_FOUND", disposition)));

    // As the pump does with an event of Manufacturing.
    private static async Task Batch(IServiceProvider services, Contracts.Manufacturing.ItemDiagnosed diagnosed)
    {
        var (batch, reads) = (ActivatorUtilities.CreateInstance<ShipmentBatch>(services), services.GetRequiredService<BatchReads>());
        ReceivedEvent[] events =
            [new(Guid.CreateVersion7(), "/manufacturing", "ese.manufacturing.item-diagnosed.v1", diagnosed.ReturnId, DateTimeOffset.UnixEpoch, "c", null, Coordination.Event, null, 1, diagnosed)];
        batch.Want(events, reads);
        await reads.Execute(CancellationToken.None);
        await batch.Load(events, CancellationToken.None);
        await services.GetRequiredService<ShipmentDesk>().Note(diagnosed.ReturnId, diagnosed, CancellationToken.None);
    }

    private async Task<bool> WaitsForALock() => (long)(await Execute("select count(*) from pg_locks where not granted"))! > 0;

    private async Task<object?> Execute(string sql)
    {
        await using var connection = new NpgsqlConnection(_team.Database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    private Task Cancel(string id) => Apply(id, new ReturnCancellationRequested(id, "Found the charger."));

    private Task Apply(string id, object fact) => On(id, (desk, _) => desk.Note(id, fact, CancellationToken.None));

    private Task Receive(string id, string serialNumber = Serial) => On(id, (desk, request) =>
        request.ReasonNotToReceive is null ? desk.Receive(request, serialNumber, "complete", CancellationToken.None) : Task.CompletedTask);

    private Task On(string id, Func<ShipmentDesk, ShipmentRequest, Task> act) => _team.Work(async services =>
    {
        await services.GetRequiredService<ShipmentRows>().Load([id], [], CancellationToken.None);
        var desk = services.GetRequiredService<ShipmentDesk>();
        await act(desk, (await desk.Find(id, CancellationToken.None))!);
    });

    private Task Replenish(string sku, int quantity) => _team.Work(async services =>
    {
        await Keep(services, sku);
        var stock = (await services.GetRequiredService<Documents>().Find<StockItem>(sku, CancellationToken.None))!;
        await services.GetRequiredService<ShipmentDesk>().Replenish(stock, quantity, CancellationToken.None);
    });

    // As a person does who keeps a model in stock.
    private static async Task Keep(IServiceProvider services, string sku)
    {
        foreach (var begun in await services.GetRequiredService<ShipmentRows>().OpenStock([sku], CancellationToken.None))
            await services.GetRequiredService<ShipmentDesk>().BeginStock(begun, CancellationToken.None);
    }

    private Task<ShipmentRequestView> Request(string id) => _team.Work(async services =>
        (await services.GetRequiredService<ShipmentDesk>().Find(id, CancellationToken.None))!.View());

    private Task<int> StockItems(string sku) => _team.Work(services =>
        services.GetRequiredService<InventoryDb>().StockItems.CountAsync(item => item.Sku == sku));

    private Task<StockItemView> Stock(string sku) => _team.Work(async services =>
        (await services.GetRequiredService<Documents>().Find<StockItem>(sku, CancellationToken.None))!.View());
}
