using EseErp.Manufacturing.BillsOfMaterials;
using EseErp.Manufacturing.Disassembly;

namespace EseErp.Domain.Tests.Manufacturing;

/// <summary>What can be wrong with a device.</summary>
public sealed class FaultTests
{
    private static readonly BillOfMaterials Radio = new() { Sku = "ESE-100-BLK", Name = "Radio", Parts = [], FaultCodes = ["NO_SOUND", "NO_POWER"] };

    [Theory]
    [InlineData("NO_SOUND")]
    [InlineData("NO_POWER")]
    [InlineData("NO_FAULT_FOUND")]
    public void Should_take_a_fault_of_the_model_or_none(string faultCode) => FaultCheck.ProblemOf(faultCode, Radio).ShouldBeNull();

    [Theory]
    [InlineData("WATER_LEAK")]
    [InlineData("no_sound")]
    public void Should_name_the_field_and_what_can_be_given(string faultCode) => FaultCheck.ProblemOf(faultCode, Radio).ShouldBe(
        new FieldProblem("faultCode", "must be a fault code of the model ESE-100-BLK: NO_SOUND, NO_POWER, NO_FAULT_FOUND"));

    [Fact]
    public void Should_find_no_fault_in_a_model_that_nobody_knows()
    {
        FaultCheck.ProblemOf("NO_POWER", BillOfMaterials.Unknown("NOPE-1")).ShouldNotBeNull().Reason.ShouldEndWith("NOPE-1: NO_FAULT_FOUND");
        DemoMechanic.Diagnose("SN-1", BillOfMaterials.Unknown("NOPE-1")).FaultCode.ShouldBe("NO_FAULT_FOUND");
    }
}
