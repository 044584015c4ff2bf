using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Update;
using Npgsql.EntityFrameworkCore.PostgreSQL.Update.Internal;

namespace EseErp.EventStore.Writing;

/// <summary>
/// Has EF Core write new rows of one table with one <c>insert … select unnest</c>, and changes of the same columns of one table
/// with one <c>update … from unnest</c>, instead of a statement each. Everything else goes the provider's own way.
/// </summary>
#pragma warning disable EF1001 // The provider's batches are there to be built upon, and the provider's version is pinned.
internal sealed class SetWrites(ModificationCommandBatchFactoryDependencies dependencies, IDbContextOptions options)
    : NpgsqlModificationCommandBatchFactory(dependencies, options)
{
    private readonly ISqlGenerationHelper _sql = dependencies.SqlGenerationHelper;
    private readonly DbContext _db = dependencies.CurrentContext.Context;

    public override ModificationCommandBatch Create() => new SetWriteBatch(base.Create, _sql, _db);
}
#pragma warning restore EF1001
