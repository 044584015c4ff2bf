using System.Globalization;

namespace EseErp.EventStore;

/// <summary>
/// A place in an event log: transaction id first, then position. Commit order is not sequence order, so the position
/// alone would lose events of a transaction that commits late.
/// </summary>
public readonly record struct EventPosition(ulong Xid, long Position) : IComparable<EventPosition>
{
    /// <summary>Before the first event.</summary>
    public static EventPosition Start => default;

    public int CompareTo(EventPosition other) =>
        Xid != other.Xid ? Xid.CompareTo(other.Xid) : Position.CompareTo(other.Position);

    /// <summary>The cursor people and programs pass as <c>after</c>: <c>xid-position</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Xid}-{Position}");

    /// <summary>Reads a cursor; nothing and <c>0</c> mean the beginning.</summary>
    public static bool TryParse(string? cursor, out EventPosition position)
    {
        position = Start;
        if (string.IsNullOrEmpty(cursor) || cursor == "0") return true;
        var dash = cursor.IndexOf('-', StringComparison.Ordinal);
        if (dash <= 0
            || !ulong.TryParse(cursor.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var xid)
            || !long.TryParse(cursor.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return false;
        position = new EventPosition(xid, number);
        return true;
    }

    public static bool operator <(EventPosition left, EventPosition right) => left.CompareTo(right) < 0;
    public static bool operator >(EventPosition left, EventPosition right) => left.CompareTo(right) > 0;
    public static bool operator <=(EventPosition left, EventPosition right) => left.CompareTo(right) <= 0;
    public static bool operator >=(EventPosition left, EventPosition right) => left.CompareTo(right) >= 0;
}
