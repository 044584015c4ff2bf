using EseErp.Contracts;
using EseErp.Contracts.Manufacturing;
using EseErp.DemoData;
using EseErp.Manufacturing.BillsOfMaterials;
using EseErp.Manufacturing.Disassembly;
using FsCheck;
using FsCheck.Fluent;

namespace EseErp.Domain.Tests.Manufacturing;

public sealed class PartsTests
{
    private static readonly IReadOnlyList<BillOfMaterials> Bills = DemoCatalogue.Create(new DateOnly(2026, 11, 20)).Products
        .Select(product => new BillOfMaterials
        {
            Sku = product.Sku,
            Name = product.Name,
            Parts = product.BillOfMaterials.Select(part => new Part { PartSku = part.PartSku, Name = part.Name, Quantity = part.Quantity, UnitCost = part.UnitCost }).ToList(),
            FaultCodes = product.FaultCodes.ToList(),
        })
        .ToList();

    private static readonly BillOfMaterials Headphones = Bills.Single(bill => bill.Sku == "HP-210-BLK");

    [Theory]
    [InlineData("DRV-40:2", null)]
    [InlineData("DRV-40:1 DRV-40:1", null)]
    [InlineData("", null)]
    [InlineData("DRV-40:3", "parts[0].quantity")]
    [InlineData("MIC-MEMS:1 DRV-40:1 DRV-40:2", "parts[2].quantity")]
    [InlineData("DRV-40:1 MOT-WHEEL:1", "parts[1].partSku")]
    [InlineData("drv-40:1", "parts[0].partSku")]
    [InlineData("DRV-40:2147483647 DRV-40:2147483647", "parts[0].quantity")]
    [InlineData("DRV-40:0", "parts[0].quantity")]
    [InlineData("DRV-40:-1", "parts[0].quantity")]
    public void Should_name_the_first_part_that_cannot_have_been_in_the_device(string parts, string? field) =>
        (PartsCheck.FirstProblem(Parts(parts), Headphones)?.Field).ShouldBe(field);

    [Fact]
    public void Should_have_nothing_to_recover_from_a_model_nobody_knows()
    {
        var unknown = BillOfMaterials.Unknown("XX-1");

        PartsCheck.FirstProblem(Parts("DRV-40:1"), unknown).ShouldNotBeNull();
        DemoMechanic.TakeApart("S-1", unknown).Parts.ShouldBeEmpty();
    }

    [Fact]
    public void Should_never_let_more_of_a_part_out_than_the_bill_lists()
    {
        var parts = (from part in Gen.Elements(Headphones.Parts.Select(part => part.PartSku).Append("NONE").ToArray())
                     from quality in Gen.Elements(Enum.GetValues<PartQuality>())
                     from quantity in Gen.Choose(-1, 5)
                     select new RecoveredPart(part, quality, quantity)).ListOf();

        Prop.ForAll(parts.ToArbitrary(), taken =>
        {
            var list = taken.ToList();
            var possible = list.All(part => part.Quantity > 0) && list.GroupBy(part => part.PartSku).All(group =>
                group.Sum(part => part.Quantity) <= (Headphones.Parts.SingleOrDefault(part => part.PartSku == group.Key)?.Quantity ?? 0));
            return PartsCheck.FirstProblem(list, Headphones) is null == possible;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    [Fact]
    public void Should_take_apart_any_device_of_a_demo_within_its_bill()
    {
        var devices = from bill in Gen.Elements(Bills.ToArray()) from number in Gen.Choose(0, 9_999_999) select (bill, serial: $"S-{number:D7}");

        Prop.ForAll(devices.ToArbitrary(), device =>
        {
            var done = DemoMechanic.TakeApart(device.serial, device.bill);
            return PartsCheck.FirstProblem(done.Parts, device.bill) is null && done.LabourMinutes is > 0 and <= 1440;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    [Fact]
    public void Should_find_the_same_in_the_same_device_and_mostly_scrap_with_good_parts()
    {
        var serials = Enumerable.Range(0, 1000).Select(number => $"HP210-26K7-{number:D7}").ToList();
        var diagnoses = serials.Select(serial => DemoMechanic.Diagnose(serial, Headphones)).ToList();
        var parts = serials.SelectMany(serial => DemoMechanic.TakeApart(serial, Headphones).Parts).ToList();

        serials.Select(serial => DemoMechanic.Diagnose(serial, Headphones)).ShouldBe(diagnoses);
        diagnoses.ShouldAllBe(diagnosis => Headphones.FaultCodes.Contains(diagnosis.FaultCode));
        diagnoses.Select(diagnosis => diagnosis.FaultCode).Distinct().Count().ShouldBe(Headphones.FaultCodes.Count);
        diagnoses.Count(diagnosis => diagnosis.Disposition == Disposition.Scrap).ShouldBeInRange(600, 800);
        diagnoses.Count(diagnosis => diagnosis.Disposition is not (Disposition.Scrap or Disposition.Refurbish)).ShouldBe(0);
        var pieces = parts.Sum(part => part.Quantity);
        parts.Where(part => part.Quality == PartQuality.Good).Sum(part => part.Quantity).ShouldBeInRange(pieces * 7 / 10, pieces * 9 / 10);
    }

    private static List<RecoveredPart> Parts(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(part => part.Split(':'))
        .Select(part => new RecoveredPart(part[0], PartQuality.Good, int.Parse(part[1])))
        .ToList();
}
