using EseErp.Tracking.Data;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Tracking.Rebuild;

/// <summary>Reads the row of the projection, which a migration has put there.</summary>
internal static class Projections
{
    public static Task<Projection> Read(TrackingDb db, CancellationToken cancellationToken) =>
        db.Projections.AsNoTracking().SingleAsync(projection => projection.Name == Projection.Returns, cancellationToken);

    /// <summary>Reads it and holds off others until the open transaction ends.</summary>
    public static Task<Projection> Lock(TrackingDb db, CancellationToken cancellationToken) =>
        db.Projections.FromSql($"select * from projection where name = {Projection.Returns} for update").SingleAsync(cancellationToken);
}
