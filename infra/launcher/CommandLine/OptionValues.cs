using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace EseErp.Launcher.CommandLine;

/// <summary>Reads what is given for options; what cannot be read is refused in words that name the option and what it takes.</summary>
internal static partial class OptionValues
{
    /// <summary>A number within bounds.</summary>
    /// <param name="unit">What is counted, for the refusal.</param>
    public static Option<T> Between<T>(this Option<T> option, T least, T most, string unit = "") where T : struct, INumber<T>
    {
        option.CustomParser = result => Number(result, option.Name, least, most, unit);
        return option;
    }

    /// <inheritdoc cref="Between{T}(Option{T}, T, T, string)" />
    public static Option<T?> Between<T>(this Option<T?> option, T least, T most, string unit = "") where T : struct, INumber<T>
    {
        option.CustomParser = result => Number(result, option.Name, least, most, unit);
        return option;
    }

    /// <summary>One of a few words.</summary>
    public static Option<string> OneOf(this Option<string> option, IReadOnlyCollection<string> words)
    {
        option.CustomParser = result => words.Contains(Text(result))
            ? Text(result)
            : Refuse<string>(result, $"{option.Name} must be one of: {string.Join(", ", words)}; not '{Text(result)}'.");
        return option;
    }

    /// <summary>A time such as <c>500ms</c>, <c>1.5s</c> or <c>2m</c>, within bounds.</summary>
    public static Option<TimeSpan?> Time(string name, string description, TimeSpan least, TimeSpan most) => new(name)
    {
        Description = description,
        CustomParser = result => Time(Text(result)) is { } time && time >= least && time <= most
            ? time
            : Refuse<TimeSpan?>(result, $"{name} must be a time from {Write(least)} to {Write(most)}, such as 500ms, 30s or 2m, not '{Text(result)}'."),
    };

    /// <summary>A time, of which a bare number is seconds.</summary>
    public static Option<TimeSpan> Duration(string name, string description, TimeSpan least, TimeSpan most, TimeSpan usual) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => usual,
        CustomParser = result => (Time(Text(result)) ?? Time(Text(result) + "s")) is { } time && time >= least && time <= most
            ? time
            : Refuse<TimeSpan>(result, $"{name} must be a time from {Write(least)} to {Write(most)}, such as 30, 30s or 2m, not '{Text(result)}'."),
    };

    /// <summary>A share such as <c>20%</c> or <c>0.2</c>.</summary>
    public static Option<double?> Share(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            var text = Text(result);
            var percent = text.EndsWith('%');
            return double.TryParse(percent ? text[..^1] : text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
                && (percent ? value /= 100 : value) is >= 0 and <= 1
                ? value
                : Refuse<double?>(result, $"{name} must be a share from 0% to 100%, such as 20% or 0.2, not '{text}'.");
        },
    };

    public static string Text(ArgumentResult result) => result.Tokens.Count > 0 ? result.Tokens[^1].Value : "";

    public static T? Refuse<T>(ArgumentResult result, string reason)
    {
        result.AddError(reason);
        return default;
    }

    /// <summary>Null when it is none.</summary>
    public static TimeSpan? Time(string text)
    {
        // As help shows defaults.
        if (TimeSpan.TryParseExact(text, @"h\:mm\:ss", CultureInfo.InvariantCulture, out var clock)) return clock;
        var match = TimePattern().Match(text);
        if (!match.Success || !double.TryParse(match.Groups["number"].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || number > 1e9)
            return null;
        return match.Groups["unit"].Value switch
        {
            "ms" => TimeSpan.FromMilliseconds(number),
            "s" => TimeSpan.FromSeconds(number),
            "m" => TimeSpan.FromMinutes(number),
            _ => TimeSpan.FromHours(Math.Min(number, 1e6)),
        };
    }

    public static string Write(TimeSpan time)
    {
        var (number, unit) = time switch
        {
            _ when time < TimeSpan.FromSeconds(1) => (time.TotalMilliseconds, "ms"),
            _ when time.TotalSeconds % 60 != 0 => (time.TotalSeconds, "s"),
            _ when time.TotalMinutes % 60 != 0 => (time.TotalMinutes, "m"),
            _ => (time.TotalHours, "h"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{number:0.###}{unit}");
    }

    private static T Number<T>(ArgumentResult result, string name, T least, T most, string unit) where T : struct, INumber<T>
    {
        var text = Text(result);
        var bounds = string.Create(CultureInfo.InvariantCulture, $"from {least:#,0.###} to {most:#,0.###}{(unit.Length > 0 ? " " : "")}{unit}");
        if (!T.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            // A half is nothing to integers.
            var kind = T.One / (T.One + T.One) == T.Zero ? "a whole number" : "a number";
            return Refuse<T>(result, $"{name} must be {kind} {bounds}, not '{text}'.");
        }

        return number >= least && number <= most ? number : Refuse<T>(result, $"{name} must be {bounds}.");
    }

    [GeneratedRegex(@"\A(?<number>[0-9]+([.][0-9]+)?)(?<unit>ms|s|m|h)\z", RegexOptions.ExplicitCapture)]
    private static partial Regex TimePattern();
}
