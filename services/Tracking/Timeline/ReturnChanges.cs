using EseErp.EventStore;
using EseErp.Tracking.Data;
using EseErp.Tracking.Returns;
using Microsoft.EntityFrameworkCore;

namespace EseErp.Tracking.Timeline;

/// <summary>A change of a return at its place in the timeline of all.</summary>
/// <param name="Size">Roughly how many bytes it takes.</param>
public sealed record PlacedChange(long Position, string ReturnId, ReturnChange Change, int Size);

/// <summary>
/// The changes of all returns, in the order in which they were written here. All who follow them live share one reader (<see cref="LiveLog{T}"/>).
/// </summary>
public sealed class ReturnChanges : ILiveSource<PlacedChange>, IDisposable
{
    private const int PageSize = 200;

    // A view has a handful of facets.
    private const int ViewSize = 4000;

    private readonly TimelineLog _log;
    private readonly IServiceScopeFactory _scopes;
    private readonly TeamAddresses _addresses;
    private readonly LiveLog<PlacedChange> _live;

    public ReturnChanges(
        TimelineLog log, IServiceScopeFactory scopes, TeamAddresses addresses, EventLogSignal signal, ILogger<LiveLog<PlacedChange>> logger)
    {
        (_log, _scopes, _addresses) = (log, scopes, addresses);
        _live = new LiveLog<PlacedChange>(this, signal, logger);
    }

    /// <summary>Another replica's commit gives no signal, nor does a row that only now became safe to read.</summary>
    public TimeSpan PollInterval => TimelineLog.PollInterval;

    /// <summary>Many batches a second may be committed; a stream need not look after each.</summary>
    public TimeSpan Gather => TimelineLog.ShortestWait;

    /// <summary>Every change after a position, then each new one until cancelled.</summary>
    /// <param name="returnId">Null: of all returns.</param>
    public IAsyncEnumerable<PlacedChange> Follow(long after, string? returnId, CancellationToken cancellationToken) => _live.Follow(
        after, change => returnId is null || change.ReturnId == returnId,
        async (from, upTo, token) => await WithViews(await _log.ReadUpTo(upTo, from, returnId, PageSize, token), token), PageSize, cancellationToken);

    /// <summary>How these returns stand; one that is not known is left out.</summary>
    public async Task<Dictionary<string, ReturnView>> Views(string[] returnIds, CancellationToken cancellationToken)
    {
        await using var scope = _scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TrackingDb>();
        var returns = await db.Returns.AsNoTracking().Where(tracked => returnIds.Contains(tracked.ReturnId)).ToListAsync(cancellationToken);
        return returns.ToDictionary(tracked => tracked.ReturnId, tracked => ReturnView.Of(tracked, _addresses));
    }

    public void Dispose() => _live.Dispose();

    long ILiveSource<PlacedChange>.PositionOf(PlacedChange item) => item.Position;

    int ILiveSource<PlacedChange>.SizeOf(PlacedChange item) => item.Size;

    Task<long> ILiveSource<PlacedChange>.End(CancellationToken cancellationToken) => _log.End(cancellationToken);

    async Task<(IReadOnlyList<PlacedChange> Items, bool IsBlocked)> ILiveSource<PlacedChange>.Read(long after, CancellationToken cancellationToken) =>
        (await WithViews(await _log.Read(after, PageSize, cancellationToken), cancellationToken), false);

    private async Task<IReadOnlyList<PlacedChange>> WithViews(IReadOnlyList<TimelineRow> rows, CancellationToken cancellationToken)
    {
        if (rows.Count == 0) return [];
        var views = await Views(rows.Select(row => row.ReturnId).Distinct().ToArray(), cancellationToken);
        return rows.Select(row => new PlacedChange(row.Position, row.ReturnId, new ReturnChange(views.GetValueOrDefault(row.ReturnId), row.Item), row.Size + ViewSize)).ToList();
    }
}
