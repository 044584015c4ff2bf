namespace EseErp.Lab.Auditing;

/// <summary>How far a return is, as Tracking knows it. A time is that of the fact that made it so.</summary>
internal sealed record TrackedProgress(string ReturnId, string Status, DateTimeOffset? SettledAt, DateTimeOffset? CompletedAt, DateTimeOffset? ClosedAt)
{
    public static async Task<IReadOnlyDictionary<string, TrackedProgress>> ReadAsync(
        TeamDatabases data, IReadOnlyCollection<string> returnIds, CancellationToken cancellationToken)
    {
        var rows = await data.ReadAsync(
            "tracking",
            "select return_id, status, settled_at, completed_at, closed_at from returns where return_id = any(@p0)",
            row => new TrackedProgress(row.GetString(0), row.GetString(1), Time(row, 2), Time(row, 3), Time(row, 4)),
            cancellationToken,
            returnIds.ToArray());
        return rows.ToDictionary(row => row.ReturnId);

        static DateTimeOffset? Time(Npgsql.NpgsqlDataReader row, int column) =>
            row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);
    }
}
