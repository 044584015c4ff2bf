using System.ComponentModel.DataAnnotations;
using System.Reflection;
using EseErp.Contracts;
using Microsoft.Extensions.DependencyInjection;

namespace EseErp.Contracts.Tests;

/// <summary>What the contracts take for a text of a certain form, they take as a whole.</summary>
public sealed class BorderTextTests
{
    private static readonly string[] Samples = ["RMA-2026-000123", "BATTERY_SWOLLEN", "EUR", "C-NL", "2026-11-20"];

    [Fact]
    public void Should_refuse_every_text_of_a_certain_form_with_a_line_feed_at_its_end()
    {
        var checks = typeof(ReturnIds).Assembly.GetTypes()
            .SelectMany(type => type.GetProperties(), (type, property) => (Name: $"{type.Name}.{property.Name}", Property: property))
            .SelectMany(
                member => member.Property.GetCustomAttributes<ValidationAttribute>().Where(check => check is RegularExpressionAttribute or TrimmedAttribute),
                (member, check) => (member.Name, Check: check))
            .ToList();
        checks.Count.ShouldBeGreaterThan(10);
        foreach (var (name, check) in checks)
        {
            var valid = Samples.Where(sample => IsValid(check, sample)).ToList();
            valid.ShouldNotBeEmpty(name);
            foreach (var sample in valid)
                foreach (var end in new[] { "\n", "\r\n", " ", "\u2028", "\0" })
                    IsValid(check, sample + end).ShouldBeFalse($"{name}: {sample} and {(int)end[0]}");
        }
    }

    [Fact]
    public void Should_hold_every_id_of_a_return_that_a_caller_gives_against_its_form()
    {
        var given = typeof(ReturnIds).Assembly.GetTypes()
            .Where(type => type.GetProperties().Any(property => property.IsDefined(typeof(StringLengthAttribute))))
            .Select(type => type.GetProperty("ReturnId")).OfType<PropertyInfo>().ToList();
        given.Count.ShouldBe(5);
        given.ShouldAllBe(property => property.IsDefined(typeof(ReturnIdAttribute)) && property.IsDefined(typeof(RequiredAttribute)));
    }

    [Theory]
    [InlineData("RMA-2026-000001", true)]
    [InlineData("RMA-2026-999999", true)]
    [InlineData("RMA-2026-1000000", true)]
    [InlineData("RMA-2019-000123", true)]
    [InlineData("RMA-2027-000001", false)]
    [InlineData("RMA-1999-000001", false)]
    [InlineData("RMA-2026-000000", false)]
    [InlineData("RMA-2026-0000001", false)]
    [InlineData("RMA-2026-00001", false)]
    [InlineData("RMA-2026-1234567890123", false)]
    [InlineData("RMA-2026-٠٠٠٠٠١", false)]
    [InlineData("rma-2026-000001", false)]
    [InlineData(" RMA-2026-000001", false)]
    [InlineData("RMA-2026-000001\n", false)]
    [InlineData("../x", false)]
    [InlineData("", false)]
    public void Should_know_what_can_be_the_id_of_a_return(string returnId, bool can) =>
        ReturnIds.CanBeFiled(returnId, new DateTimeOffset(2026, 11, 20, 9, 0, 0, TimeSpan.Zero)).ShouldBe(can);

    [Fact]
    public void Should_take_the_first_id_of_a_year_from_a_clock_that_is_ahead()
    {
        var newYear = new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var id = ReturnIds.Of(newYear, 1);
        id.ShouldBe("RMA-2027-000001");
        ReturnIds.CanBeFiled(id, newYear.AddHours(-1)).ShouldBeTrue();
        ReturnIds.CanBeFiled(id, newYear.AddDays(-2)).ShouldBeFalse();
    }

    private static bool IsValid(ValidationAttribute check, string text)
    {
        using var services = new ServiceCollection().BuildServiceProvider();
        return check.GetValidationResult(text, new ValidationContext(new object(), services, null)) == ValidationResult.Success;
    }
}
