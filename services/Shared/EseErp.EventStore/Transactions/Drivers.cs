using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace EseErp.EventStore;

/// <summary>
/// Who drives a team's document by calls. Whoever opens one and sends a <c>Driver-Key</c> is its driver, and nobody else drives it: a
/// call with another key, or with none, is refused with 409. A document that was opened without a key is driven by whoever calls.
/// </summary>
/// <remarks>
/// So what a team is told of a return by calls comes from one place, which knows the whole of it, and no other call can leave the
/// teams with different stories. The key is made by the driver and known to nobody but him and the team.
/// </remarks>
public sealed class Drivers(DbContext db)
{
    public const string Header = "Driver-Key";

    /// <summary>Longest key.</summary>
    public const int MaxLength = 100;

    /// <summary>The key of who calls; null when he sent none. Set at the border.</summary>
    public string? Caller { get; set; }

    /// <summary>The caller opens a document.</summary>
    public void Open(string returnId)
    {
        if (Caller is not { } caller) return;
        PendingWrites.Of(db).Add("insert into ese.drivers (return_id, driver_key) values ($1, $2)", parameters =>
        {
            parameters.Add(new NpgsqlParameter<string> { TypedValue = returnId });
            parameters.Add(new NpgsqlParameter<string> { TypedValue = caller });
        });
    }

    /// <summary>The caller asks for a document that is there. Without a key he may know it.</summary>
    /// <exception cref="ConflictException">It was opened by somebody else.</exception>
    public async Task ThrowIfAnothers(string returnId, CancellationToken cancellationToken)
    {
        if (Caller is not null && await Find(returnId, cancellationToken) != Caller) throw ConflictException.OpenedByAnother(returnId);
    }

    /// <summary>The caller drives a document.</summary>
    /// <returns>Whether he is its driver; false for a document that has none.</returns>
    /// <exception cref="ConflictException">Somebody else is its driver.</exception>
    public async Task<bool> Drive(string returnId, CancellationToken cancellationToken)
    {
        if (await Find(returnId, cancellationToken) is not { } driver) return false;
        return driver == Caller ? true : throw ConflictException.DrivenByAnother(returnId);
    }

    private async Task<string?> Find(string returnId, CancellationToken cancellationToken)
    {
        await using var command = await db.Command("select driver_key from ese.drivers where return_id = $1", cancellationToken);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = returnId });
        return (string?)await command.ExecuteScalarAsync(cancellationToken);
    }
}
