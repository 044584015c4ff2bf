using System.Globalization;

namespace EseErp.EventStore;

/// <summary>The cursor people and programs pass as <c>after</c>: the position of the last item they have seen.</summary>
public static class LogCursor
{
    /// <summary>Reads a cursor; nothing and <c>0</c> mean the beginning.</summary>
    public static bool TryParse(string? cursor, out long position)
    {
        position = 0;
        return string.IsNullOrEmpty(cursor) || long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out position);
    }

    public static string Of(long position) => position.ToString(CultureInfo.InvariantCulture);
}
