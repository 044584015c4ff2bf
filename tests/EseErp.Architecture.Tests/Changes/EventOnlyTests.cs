namespace EseErp.Architecture.Tests.Changes;

/// <summary>Traditional mode can be deleted: the folder, and the lines that add it. What is left is event mode, warnings as errors.</summary>
public sealed class EventOnlyTests
{
    [Fact]
    public void Should_build_without_traditional_mode() => new PatchedCheckout().BuildWithoutTraditionalMode();
}
