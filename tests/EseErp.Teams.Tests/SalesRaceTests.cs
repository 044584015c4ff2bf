using EseErp.Contracts;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.Sales;
using EseErp.Contracts.UserSupport;
using EseErp.EventStore;
using EseErp.Sales;
using EseErp.Sales.Data;
using EseErp.Sales.Orders;
using EseErp.Sales.Refunds;
using EseErp.Teams.Tests.Running;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EseErp.Teams.Tests;

/// <summary>What races for the money of a return is decided once, on a real database.</summary>
public sealed class SalesRaceTests : IAsyncLifetime
{
    private const int Rounds = 12;

    private TeamInProcess _team = null!;

    public async Task InitializeAsync() => _team = await TeamInProcess.Start("sales", builder => builder.AddSales(), ("Sales:Refunds:ReviewAbove", "100"));

    public async Task DisposeAsync() => await _team.DisposeAsync();

    [Fact]
    public async Task Should_void_what_is_called_off_whether_it_is_approved_before_or_after()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var (id, orderId) = await UnderReview();
            var approved = false;

            await TeamInProcess.AtOnce(async () => approved = await Decide(id, approve: true), () => Note(id, new ReturnCancelled(id, "Found the charger.")));

            (await Refund(id)).State.ShouldBe(OrderRefundState.Voided);
            (await _team.Recorded(id)).ShouldBe(approved
                ? ["order-refund-referred", "order-refund-authorized", "refund-voided"]
                : ["order-refund-referred", "refund-voided"]);
            (await Refunded(orderId)).ShouldBe(0);
        }
    }

    [Fact]
    public async Task Should_heed_one_of_two_people()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var (id, orderId) = await UnderReview();
            bool approved = false, declined = false;

            await TeamInProcess.AtOnce(async () => approved = await Decide(id, approve: true), async () => declined = await Decide(id, approve: false));

            (approved ^ declined).ShouldBeTrue();
            (await Refund(id)).State.ShouldBe(approved ? OrderRefundState.Authorized : OrderRefundState.Rejected);
            (await Refunded(orderId)).ShouldBe(approved ? 199.90m : 0);
        }
    }

    [Fact]
    public async Task Should_pay_once_when_the_item_comes_in_while_a_person_approves()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var (id, _) = await UnderReview();

            await TeamInProcess.AtOnce(() => Decide(id, approve: true), () => Note(id, new ItemReceived(id, Serial(id), "complete")));

            (await Refund(id)).State.ShouldBe(OrderRefundState.Issued);
            (await _team.Recorded(id)).ShouldBe(["order-refund-referred", "order-refund-authorized", "refund-issued"]);
        }
    }

    [Fact]
    public async Task Should_free_the_device_for_another_return_once_the_first_is_declined()
    {
        var (id, orderId) = await UnderReview();
        var second = TeamInProcess.NewReturn();
        await Open(second, orderId, Serial(id));
        (await Refund(second)).Reasons.ShouldContain(RejectionReason.AlreadyReturned);

        await Decide(id, approve: false);
        var third = TeamInProcess.NewReturn();
        await Open(third, orderId, Serial(id));

        (await Refund(third)).State.ShouldBe(OrderRefundState.ManualReview);
    }

    [Fact]
    public async Task Should_take_a_device_back_again_from_whoever_bought_it_next_and_from_nobody_else()
    {
        var (first, next, again, late) = (TeamInProcess.NewReturn(), TeamInProcess.NewReturn(), TeamInProcess.NewReturn(), TeamInProcess.NewReturn());
        var orderId = await Ordered(first);
        await Open(first, orderId, Serial(first));
        await Decide(first, approve: true);
        await Note(first, new ItemReceived(first, Serial(first), "as good as new"));
        _team.Clock.Advance(TimeSpan.FromDays(7));
        var nextOrderId = await Ordered(next, serialNumber: Serial(first));

        await Open(next, nextOrderId, Serial(first).ToLowerInvariant());
        await Open(again, nextOrderId, Serial(first));
        await Open(late, orderId, Serial(first));

        (await Refund(next)).State.ShouldBe(OrderRefundState.ManualReview);
        (await Refund(again)).Reasons.ShouldBe([RejectionReason.AlreadyReturned]);
        (await Refund(late)).Reasons.ShouldContain(RejectionReason.AlreadyReturned);
    }

    [Fact]
    public async Task Should_take_back_a_device_once_when_two_returns_of_it_are_decided_at_once()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var (first, second) = (TeamInProcess.NewReturn(), TeamInProcess.NewReturn());
            var orderId = await Ordered(first);

            await TeamInProcess.AtOnce(() => Open(first, orderId, Serial(first)), () => Open(second, orderId, Serial(first)));

            var refunds = new[] { await Refund(first), await Refund(second) };
            refunds.Select(refund => refund.State).ShouldBe([OrderRefundState.ManualReview, OrderRefundState.Rejected], ignoreOrder: true);
            refunds.Single(refund => refund.State == OrderRefundState.Rejected).Reasons.ShouldBe([RejectionReason.AlreadyReturned]);
        }
    }

    [Fact]
    public async Task Should_take_back_a_device_once_when_a_batch_brings_two_returns_of_it()
    {
        var ids = Enumerable.Range(0, 3).Select(_ => TeamInProcess.NewReturn()).ToList();
        var orderId = await Ordered(ids[0]);
        // The first is over before it is decided, so the second may have the device.
        await Note(ids[0], new ReturnExpired(ids[0]));

        await _team.Work(async services =>
        {
            var reads = services.GetRequiredService<BatchReads>();
            services.GetRequiredService<ReturnedDevices>().Want([Serial(ids[0])], reads);
            await reads.Execute(CancellationToken.None);
            foreach (var id in ids)
                await services.GetRequiredService<RefundDesk>().Open(Request(id, orderId, Serial(ids[0])), CoordinationMode.Event, CancellationToken.None);
        });

        (await Refund(ids[0])).State.ShouldBe(OrderRefundState.Voided);
        (await Refund(ids[1])).State.ShouldBe(OrderRefundState.ManualReview);
        (await Refund(ids[2])).Reasons.ShouldBe([RejectionReason.AlreadyReturned]);
    }

    [Fact]
    public async Task Should_not_take_an_attempt_that_was_undone_for_another_return_of_the_device()
    {
        var id = TeamInProcess.NewReturn();
        var orderId = await Ordered(id);
        var attempts = 0;

        await _team.Work(async services =>
        {
            await services.GetRequiredService<RefundDesk>().Open(Request(id, orderId, Serial(id)), CoordinationMode.Traditional, CancellationToken.None);
            if (++attempts == 1) throw new VersionConflictException();
        });

        attempts.ShouldBe(2);
        (await Refund(id)).State.ShouldBe(OrderRefundState.ManualReview);
    }

    [Fact]
    public async Task Should_pay_nothing_for_a_return_that_ended_before_sales_heard_of_it()
    {
        var id = TeamInProcess.NewReturn();
        var orderId = await Ordered(id);

        await Note(id, new ReturnExpired(id));
        await Open(id, orderId, Serial(id));

        (await _team.Recorded(id)).ShouldBe(["order-refund-referred", "refund-voided"]);
        (await Refunded(orderId)).ShouldBe(0);
    }

    [Theory]
    [InlineData(-20, null)]
    [InlineData(-1, RejectionReason.OutsideReturnWindow)]
    [InlineData(+5, RejectionReason.OutsideReturnWindow)]
    [InlineData(-50, RejectionReason.NotDelivered)]
    public async Task Should_judge_a_request_by_when_it_was_filed_and_never_by_a_time_to_come(int filedInDays, RejectionReason? reason)
    {
        var id = TeamInProcess.NewReturn();
        var orderId = await Ordered(id, deliveredDaysAgo: 40);

        await _team.Work(services => services.GetRequiredService<RefundDesk>().Open(
            Request(id, orderId, Serial(id)) with { Reason = ReturnReason.NoLongerWanted, FiledAt = _team.Clock.GetUtcNow().AddDays(filedInDays) },
            CoordinationMode.Traditional, CancellationToken.None));

        (await Refund(id)).Reasons.ShouldBe(reason is { } expected ? [expected] : []);
    }

    [Fact]
    public async Task Should_find_a_device_by_an_index_however_many_orders_there_are()
    {
        var id = TeamInProcess.NewReturn();
        var orderId = await Ordered(id);

        var read = await _team.Work(async services =>
        {
            var (db, sold) = (services.GetRequiredService<SalesDb>(), services.GetRequiredService<SoldDevices>());
            // Of a handful of rows the planner would read all.
            await db.Database.ExecuteSqlAsync($"set local enable_seqscan = off");
            (await sold.Find(Serial(id).ToLowerInvariant(), null, CancellationToken.None))!.OrderId.ShouldBe(orderId);
            await sold.ReturnsOf(Serial(id), "", CancellationToken.None);
            return await db.Database.SqlQuery<long>(
                $"""
                select coalesce(sum(seq_scan), 0)::bigint as "Value" from pg_stat_xact_user_tables where relname in ('orders', 'order_refund_requests')
                """).SingleAsync();
        });

        read.ShouldBe(0);
    }

    private async Task<(string Id, string OrderId)> UnderReview()
    {
        var id = TeamInProcess.NewReturn();
        var orderId = await Ordered(id);
        await Open(id, orderId, Serial(id));
        (await Refund(id)).Review.ShouldBe(RefundReview.Amount);
        return (id, orderId);
    }

    private async Task<string> Ordered(string id, int deliveredDaysAgo = 1, string? serialNumber = null)
    {
        var orderId = $"SO-{id[4..]}";
        await _team.Work(services =>
        {
            services.GetRequiredService<SalesDb>().Add(new Order
            {
                OrderId = orderId,
                CustomerId = "C-000001",
                Currency = "EUR",
                OrderedAt = _team.Clock.GetUtcNow().AddDays(-4 - deliveredDaysAgo),
                DeliveredAt = _team.Clock.GetUtcNow().AddDays(-deliveredDaysAgo),
                ShipmentId = "SH-1",
                Lines = [new OrderLine { LineId = "1", Sku = "HP-210-BLK", SerialNumber = serialNumber ?? Serial(id), ListPrice = 249.90m, NetPrice = 199.90m }],
            });
            return Task.CompletedTask;
        });
        return orderId;
    }

    private static string Serial(string id) => $"HP210-{id[4..]}";

    private Task<OrderRefundRequest> Open(string id, string orderId, string serialNumber) => _team.Work(services => services.GetRequiredService<RefundDesk>().Open(
        Request(id, orderId, serialNumber), CoordinationMode.Event, CancellationToken.None));

    private static OpenOrderRefundRequest Request(string id, string orderId, string serialNumber) =>
        new(id, orderId, "1", "HP-210-BLK", serialNumber, ReturnReason.Defective);

    private Task<bool> Decide(string id, bool approve) => _team.Work(async services =>
    {
        var desk = services.GetRequiredService<RefundDesk>();
        var refund = (await desk.Find(id, CancellationToken.None))!;
        if (refund.ReasonNotToReview is not null) return false;
        await (approve ? desk.Approve(refund, null, CancellationToken.None) : desk.Decline(refund, null, CancellationToken.None));
        return true;
    });

    private Task Note(string id, object fact) => _team.Work(services => services.GetRequiredService<RefundDesk>().Note(id, fact, CancellationToken.None));

    private Task<OrderRefundRequestView> Refund(string id) => _team.Work(async services =>
        (await services.GetRequiredService<RefundDesk>().Find(id, CancellationToken.None))!.View());

    private Task<decimal> Refunded(string orderId) => _team.Work(async services =>
        (await services.GetRequiredService<Documents>().Find<Order>(orderId, CancellationToken.None))!.Refunded);
}
