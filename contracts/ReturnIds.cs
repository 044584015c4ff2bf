using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.RegularExpressions;

namespace EseErp.Contracts;

/// <summary>The ids of returns, which User Support gives: <c>RMA-2026-000123</c>, the year it was filed in (UTC) and a number.</summary>
public static partial class ReturnIds
{
    /// <summary>What an id looks like.</summary>
    public const string Pattern = @"\ARMA-[0-9]{4}-[0-9]{6,12}\z";

    /// <summary>The number that services use to rehearse; User Support never gives it.</summary>
    public const long RehearsedNumber = 999_999_999_999;

    /// <summary>The return that services use to rehearse: nobody files it.</summary>
    public const string Rehearsed = "RMA-2000-999999999999";

    private const int FirstYear = 2000;

    // Clocks differ, but not by more.
    private static readonly TimeSpan Ahead = TimeSpan.FromDays(1);

    /// <summary>The id of a return that is filed now.</summary>
    /// <param name="number">1 or more.</param>
    public static string Of(DateTimeOffset now, long number) => string.Create(CultureInfo.InvariantCulture, $"RMA-{now.UtcDateTime.Year:D4}-{number:D6}");

    /// <summary>Whether User Support can have given this id: its form, a year that has begun, a number above zero.</summary>
    public static bool CanBeFiled(string returnId, DateTimeOffset now)
    {
        if (!Form().IsMatch(returnId)) return false;
        var (year, number) = (int.Parse(returnId.AsSpan(4, 4), CultureInfo.InvariantCulture), long.Parse(returnId.AsSpan(9), CultureInfo.InvariantCulture));
        // A number has one spelling: filled up to six digits and no further.
        return year >= FirstYear && year <= (now + Ahead).UtcDateTime.Year && number > 0 && (returnId.Length == 15 || returnId[9] != '0');
    }

    [GeneratedRegex(Pattern)]
    private static partial Regex Form();
}

/// <summary>The id of a return that User Support can have filed by now.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ReturnIdAttribute : RegularExpressionAttribute
{
    /// <inheritdoc cref="ReturnIdAttribute"/>
    public ReturnIdAttribute() : base(ReturnIds.Pattern) => ErrorMessage = "must be the id of a return that can have been filed, such as RMA-2026-000123";

    /// <inheritdoc />
    protected override ValidationResult? IsValid(object? value, ValidationContext validationContext)
    {
        var clock = (TimeProvider?)validationContext?.GetService(typeof(TimeProvider)) ?? TimeProvider.System;
        // That one is needed at all, Required says.
        return value is not string { Length: > 0 } returnId || ReturnIds.CanBeFiled(returnId, clock.GetUtcNow())
            ? ValidationResult.Success
            : new ValidationResult(ErrorMessage);
    }
}

/// <summary>An optional id or name: no surrounding white space and no control characters.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TrimmedAttribute : ValidationAttribute
{
    /// <inheritdoc cref="TrimmedAttribute"/>
    public TrimmedAttribute() => ErrorMessage = "must not start or end with white space, nor have a control character in it";

    /// <inheritdoc />
    public override bool IsValid(object? value) =>
        value is not string { Length: > 0 } text || (!char.IsWhiteSpace(text[0]) && !char.IsWhiteSpace(text[^1]) && !text.Any(char.IsControl));
}
