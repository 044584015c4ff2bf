using EseErp.Contracts;
using EseErp.Contracts.Manufacturing;
using EseErp.Manufacturing.BillsOfMaterials;
using EseErp.Manufacturing.Disassembly;
using FsCheck;
using FsCheck.Fluent;

namespace EseErp.Domain.Tests.Manufacturing;

public sealed class DisassemblyOrderTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 9, 0, 0, TimeSpan.Zero);
    private static readonly RecordDiagnosis Scrap = new("BATTERY_SWOLLEN", Disposition.Scrap);

    private static readonly BillOfMaterials Bill = new()
    {
        Sku = "HP-210-BLK",
        Name = "Headphones",
        Parts =
        [
            new Part { PartSku = "DRV-40", Name = "Driver", Quantity = 2, UnitCost = 3.60m },
            new Part { PartSku = "SCR", Name = "Screw", Quantity = 5, UnitCost = 0.025m },
        ],
        FaultCodes = ["BATTERY_SWOLLEN", "NO_FAULT_FOUND"],
    };

    [Fact]
    public void Should_notice_that_another_device_came()
    {
        var order = Opened();

        order.ItemReceived("OTHER", Now).ShouldBe([new ItemMismatch(order.ReturnId, order.SerialNumber, "OTHER")]);

        order.State.ShouldBe(DisassemblyState.Mismatch);
        order.ReasonNotToDiagnose(Scrap).ShouldNotBeNull();
    }

    [Fact]
    public void Should_take_the_announced_device_for_no_other_however_its_number_is_read()
    {
        var order = Opened();

        order.ItemReceived(" hp210-26k7\u20130000423", Now).ShouldBeEmpty();

        order.State.ShouldBe(DisassemblyState.Received);
    }

    [Theory]
    [InlineData("", true, true)]
    [InlineData("I", false, true)]
    [InlineData("M", true, true)]
    [InlineData("X", true, true)]
    [InlineData("IX", true, true)]
    [InlineData("ID", false, false)]
    [InlineData("IDT", false, true)]
    [InlineData("MY", false, true)]
    [InlineData("MYD", false, false)]
    [InlineData("YM", false, true)]
    public void Should_say_why_a_step_is_not_possible_now(string before, bool diagnosisRefused, bool takingApartRefused)
    {
        var order = After(before);

        (order.ReasonNotToDiagnose(Scrap) is not null).ShouldBe(diagnosisRefused);
        (order.ReasonNotToTakeApart is not null).ShouldBe(takingApartRefused);
        if (diagnosisRefused) order.Diagnose(Scrap, Now).ShouldBeEmpty();
        if (takingApartRefused) order.TakeApart(new CompleteDisassembly([], 1), Bill, 1, Now).ShouldBeEmpty();
    }

    [Fact]
    public void Should_accept_the_same_diagnosis_again_but_no_other()
    {
        var order = After("ID");

        order.ReasonNotToDiagnose(Scrap).ShouldBeNull();
        order.Diagnose(Scrap, Now).ShouldBeEmpty();
        order.ReasonNotToDiagnose(Scrap with { FaultCode = "NO_FAULT_FOUND" }).ShouldNotBeNull();
        order.ReasonNotToDiagnose(Scrap with { Disposition = Disposition.Refurbish }).ShouldNotBeNull();
    }

    [Theory]
    [InlineData(Disposition.Scrap, true)]
    [InlineData(Disposition.Refurbish, true)]
    [InlineData(Disposition.ReturnToStock, false)]
    [InlineData(Disposition.ReturnToCustomer, false)]
    public void Should_take_apart_only_what_does_not_go_back(Disposition disposition, bool takesApart)
    {
        var order = After("I");
        order.Diagnose(Scrap with { Disposition = disposition }, Now).ToList().ShouldHaveSingleItem();

        (order.ReasonNotToTakeApart is null).ShouldBe(takesApart);
    }

    [Fact]
    public void Should_value_good_parts_only_and_round_half_even()
    {
        var order = After("ID");
        var done = new CompleteDisassembly(
            [new("DRV-40", PartQuality.Good), new("DRV-40", PartQuality.Scrap), new("SCR", PartQuality.Good, 5)], 5);

        // 3.60 + 5 × 0.025 = 3.725 and 5 × 0.125 = 0.625: both are halves with an even cent below.
        order.TakeApart(done, Bill, 0.125m, Now).ShouldBe([new DisassemblyCompleted(order.ReturnId, 3.72m, 0.62m, "EUR")]);

        order.State.ShouldBe(DisassemblyState.Disassembled);
        order.View().Parts.Select(part => part.UnitCost).ShouldBe([3.60m, 3.60m, 0.025m]);
    }

    [Theory]
    [InlineData("EUR", "3.72", "4.55")]
    [InlineData("JPY", "4", "5")]
    [InlineData("KWD", "3.725", "4.550")]
    public void Should_value_to_the_minor_unit_of_the_workshops_currency(string currency, string recovered, string labour)
    {
        var order = After("ID", currency);

        order.TakeApart(new CompleteDisassembly([new("DRV-40", PartQuality.Good), new("SCR", PartQuality.Good, 5)], 7), Bill, 0.65m, Now)
            .ShouldBe([new DisassemblyCompleted(order.ReturnId, decimal.Parse(recovered), decimal.Parse(labour), currency)]);
    }

    [Theory]
    [InlineData("", DisassemblyState.Cancelled)]
    [InlineData("I", DisassemblyState.Cancelled)]
    [InlineData("M", DisassemblyState.Cancelled)]
    [InlineData("ID", DisassemblyState.Diagnosed)]
    [InlineData("IDT", DisassemblyState.Disassembled)]
    public void Should_cancel_only_what_was_not_inspected_yet(string before, DisassemblyState state)
    {
        var order = After(before);

        order.Cancel("No longer wanted.", Now).Count().ShouldBe(state == DisassemblyState.Cancelled ? 1 : 0);
        order.Cancel("No longer wanted.", Now).ShouldBeEmpty();

        order.State.ShouldBe(state);
    }

    // I and M exclude each other: the item, or another device. Y: Sales accepts the other device. X: refused, cancelled, overdue or done without. The desk applies facts that come
    // before the request as soon as it is there, in their order: to the order they always come after it.
    [Theory]
    [InlineData("IX", DisassemblyState.Cancelled)]
    [InlineData("MX", DisassemblyState.Cancelled)]
    [InlineData("IXX", DisassemblyState.Cancelled)]
    [InlineData("II", DisassemblyState.Received)]
    [InlineData("MY", DisassemblyState.Received)]
    [InlineData("MMY", DisassemblyState.Received)]
    [InlineData("MYX", DisassemblyState.Cancelled)]
    public void Should_end_in_the_same_state_whichever_fact_comes_first(string facts, DisassemblyState end)
    {
        foreach (var order in Permutations.Of(facts).Select(order => After(order)))
            (order.State, order.ReceivedSerialNumber).ShouldBe((end, facts.Contains('M') ? "OTHER" : order.SerialNumber));
    }

    [Fact]
    public void Should_have_an_end_in_reach_after_any_history() => Prop.ForAll(
        Gen.Elements("IMYDTX".ToCharArray()).ListOf().ToArbitrary(), history =>
        {
            var order = After(string.Concat(history) + "IYDT");

            order.State.ShouldBeOneOf(DisassemblyState.Disassembled, DisassemblyState.Cancelled);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    private static DisassemblyOrder Opened(string currency = "EUR")
    {
        var order = new DisassemblyOrder
        {
            ReturnId = "RMA-2026-000001",
            Sku = Bill.Sku,
            SerialNumber = "HP210-26K7-0000423",
            Currency = currency,
            Coordination = CoordinationMode.Event,
            RequestedAt = Now,
        };
        order.Begin().ShouldBe([new DisassemblyOrderOpened(order.ReturnId, order.Sku)]);
        return order;
    }

    // I: the item comes. M: another device comes. D: diagnosed. T: taken apart. X: called off.
    private static DisassemblyOrder After(string steps, string currency = "EUR")
    {
        var order = Opened(currency);
        foreach (var step in steps)
            _ = (step switch
            {
                'I' => order.ItemReceived(order.SerialNumber, Now),
                'M' => order.ItemReceived("OTHER", Now),
                'Y' => order.AcceptMismatch(Now),
                'D' => order.Diagnose(Scrap, Now),
                'T' => order.TakeApart(new CompleteDisassembly([], 1), Bill, 1, Now),
                _ => order.Cancel("No longer wanted.", Now),
            }).ToList();
        return order;
    }
}
