using EseErp.ServiceDefaults;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace EseErp.EventStore;

/// <summary>SQL of our own on the connection, and in the transaction, of a <see cref="DbContext"/>.</summary>
public static class Commands
{
    /// <summary>A command that is about to be executed; where a fault slows the database down, it waits here.</summary>
    public static async ValueTask<NpgsqlCommand> Command(this DbContext db, string sql, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await db.GetService<Faults>().BeforeCommand(cancellationToken);
        return new NpgsqlCommand(sql, (NpgsqlConnection)db.Database.GetDbConnection())
        {
            Transaction = (NpgsqlTransaction?)db.Database.CurrentTransaction?.GetDbTransaction(),
        };
    }
}
