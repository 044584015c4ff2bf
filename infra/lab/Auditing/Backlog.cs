using System.Text.Json;
using EseErp.Launcher;
using Npgsql;

namespace EseErp.Lab.Auditing;

/// <summary>What is still under way.</summary>
/// <param name="Unfinished">Returns that Tracking has not closed.</param>
/// <param name="Lag">Events the consumer groups have not applied.</param>
/// <param name="Outbox">Events the relays have not published.</param>
/// <param name="Facts">How many facts Tracking has applied: it grows as long as anything happens.</param>
/// <param name="Silent">Teams that could not say how far they are.</param>
internal sealed record Backlog(long Unfinished, long Lag, long Outbox, long Facts, int Silent)
{
    public bool IsEmpty => (Unfinished, Lag, Outbox, Silent) == (0, 0, 0, 0);

    public override string ToString() => $"{Unfinished} returns not closed, lag {Lag}, outbox {Outbox}{(Silent > 0 ? $" ({Silent} teams do not answer)" : "")}";
}

/// <summary>Measures the backlog of a running system.</summary>
/// <param name="addressOf">Where a team listens.</param>
internal sealed class BacklogReader(Func<string, Uri> addressOf, TeamDatabases data) : IDisposable
{
    private const string Unpublished =
        """
        select count(*) from ese.event_log e
        where not exists (select 1 from ese.relay_position p where e.position <= p.position)
        """;

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(2) };

    /// <summary>Null while the databases do not answer.</summary>
    /// <param name="returnIds">The returns that are to be closed.</param>
    public async Task<Backlog?> ReadAsync(IReadOnlyCollection<string> returnIds, CancellationToken cancellationToken)
    {
        try
        {
            var closed = await data.CountAsync(
                "tracking", "select count(*) from returns where closed_at is not null and return_id = any(@p0)", cancellationToken, returnIds.ToArray());
            var facts = await data.CountAsync("tracking", "select coalesce(sum(version), 0)::bigint from returns", cancellationToken);
            var outbox = await Task.WhenAll(ServiceCatalog.Publishing.Select(team => data.CountAsync(team, Unpublished, cancellationToken)));
            var lag = await Task.WhenAll(ServiceCatalog.All.Select(service => LagAsync(service.Team, cancellationToken)));
            return new Backlog(returnIds.Count - closed, lag.Sum() ?? 0, outbox.Sum(), facts, lag.Count(each => each is null));
        }
        catch (NpgsqlException)
        {
            return null;
        }
    }

    /// <summary>Events that the team's consumer group has not applied; null when the team does not say.</summary>
    public async Task<long?> LagAsync(string team, CancellationToken cancellationToken)
    {
        try
        {
            using var positions = JsonDocument.Parse(await _client.GetStringAsync(new Uri(addressOf(team), "consumers"), cancellationToken));
            // A service that has just started may not have heard yet where a partition ends.
            var lags = positions.RootElement.EnumerateArray().Select(position => position.GetProperty("lag")).ToList();
            return lags.Exists(lag => lag.ValueKind == JsonValueKind.Null) ? null : lags.Sum(lag => lag.GetInt64());
        }
        catch (Exception failure) when (failure is HttpRequestException or JsonException
            || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    public void Dispose() => _client.Dispose();
}
