using EseErp.Contracts;
using EseErp.EventStore;
using EseErp.UserSupport.Data;
using Microsoft.EntityFrameworkCore;

namespace EseErp.UserSupport.Modes;

/// <summary>The one row that holds the default mode.</summary>
public sealed class ModeRow
{
    public int Id { get; init; }

    public CoordinationMode Mode { get; init; }

    public DateTimeOffset ChangedAt { get; init; }
}

/// <summary>The default coordination mode. Kept in the database: replicas agree, and it survives a restart. Event mode until it is set.</summary>
public sealed class RunningMode(UserSupportDb db, TimeProvider clock)
{
    /// <summary>Has a unit's first round trip read it, for <see cref="Wanted"/>.</summary>
    public void Want(BatchReads reads) => reads.Add("select mode from mode", _ => { }, async (reader, cancellationToken) =>
        Wanted = await reader.ReadAsync(cancellationToken) ? Enum.Parse<CoordinationMode>(reader.GetString(0)) : CoordinationMode.Event);

    /// <summary>What <see cref="Want"/> read; event mode before.</summary>
    public CoordinationMode Wanted { get; private set; }

    public async Task<CoordinationMode> Get(CancellationToken cancellationToken) =>
        (await db.Mode.AsNoTracking().SingleOrDefaultAsync(cancellationToken))?.Mode ?? CoordinationMode.Event;

    public Task Set(CoordinationMode mode, CancellationToken cancellationToken)
    {
        var (text, now) = (mode.ToString(), clock.GetUtcNow());
        return db.Database.ExecuteSqlAsync(
            $"""
            insert into mode (id, mode, changed_at) values (1, {text}, {now})
            on conflict (id) do update set mode = excluded.mode, changed_at = excluded.changed_at
            """,
            cancellationToken);
    }
}
