using System.Data.Common;
using EseErp.ServiceDefaults;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace EseErp.EventStore;

/// <summary>Holds up what EF Core executes; our own SQL goes by <see cref="Commands"/>. Only where faults may be set.</summary>
internal sealed class SlowDatabase(Faults faults) : DbCommandInterceptor
{
    public override async ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        // Executed before, as part of a batch.
        if (!result.HasResult) await faults.BeforeCommand(cancellationToken);
        return result;
    }

    public override async ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        await faults.BeforeCommand(cancellationToken);
        return result;
    }

    public override async ValueTask<InterceptionResult<object>> ScalarExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<object> result, CancellationToken cancellationToken = default)
    {
        await faults.BeforeCommand(cancellationToken);
        return result;
    }
}
