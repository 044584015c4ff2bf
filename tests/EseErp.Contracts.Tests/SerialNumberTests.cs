namespace EseErp.Contracts.Tests;

public sealed class SerialNumberTests
{
    private const string Normal = "HP210-26K7-0000423";

    [Theory]
    [InlineData("HP210-26K7-0000423")]
    [InlineData("hp210-26k7-0000423")]
    [InlineData("  Hp210-26K7-0000423\u00a0")]
    [InlineData("HP210\u201026K7\u20110000423")]
    [InlineData("HP210\u201326K7\u20140000423")]
    [InlineData("HP210\u221226K7\uff0d0000423")]
    [InlineData("\ufeffHP210-\u200b26K7-0000\u00ad423\u200d")]
    public void Should_be_one_device_however_it_is_written(string written)
    {
        SerialNumbers.Normal(written).ShouldBe(Normal);
        SerialNumbers.Same(written, Normal).ShouldBeTrue();
        SerialNumbers.Normal(SerialNumbers.Normal(written)).ShouldBe(Normal);
    }

    [Theory]
    [InlineData("HP210-26K7-0000424")]
    [InlineData("HP21026K70000423")]
    [InlineData("HP210 26K7 0000423")]
    [InlineData("HP210_26K7_0000423")]
    [InlineData("")]
    [InlineData(null)]
    public void Should_not_take_another_device_for_it(string? written) => SerialNumbers.Same(written, Normal).ShouldBeFalse();
}
