using System.Globalization;

namespace EseErp.Accounting.Journal;

/// <summary>Up to when the books are read: a moment, or a date with all of its day, UTC.</summary>
public static class AsOf
{
    // ISO 8601, and nothing that one could read in two ways.
    private static readonly string[] Moments = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK"];

    /// <summary>The last moment that counts.</summary>
    /// <param name="text">Such as <c>2026-11-20</c> or <c>2026-11-20T09:30:00Z</c>. A time without an offset is UTC.</param>
    public static bool TryParse(string text, out DateTimeOffset moment)
    {
        if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            return DateTimeOffset.TryParseExact(
                text, Moments, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out moment);
        // PostgreSQL keeps microseconds.
        moment = new DateTimeOffset(day.ToDateTime(TimeOnly.MaxValue), TimeSpan.Zero);
        moment = moment.AddTicks(-(moment.UtcTicks % TimeSpan.TicksPerMicrosecond));
        return true;
    }
}
