using System.Diagnostics;
using Npgsql;

namespace EseErp.Benchmarks;

/// <summary>One way, one round: fresh databases, new processes, warmed up; a full queue, then one by one, then a kill.</summary>
internal sealed class PeerTrial(PeerServer server, PeerWay way, PeersExtent extent, int round) : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100), Calm = TimeSpan.FromSeconds(2), Idle = TimeSpan.FromSeconds(3);

    // Even of the slowest way, on a machine that has other work.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private PeerDatabases _databases = null!;
    private PeerProcess _team = null!;
    private PeerProcess? _publisher;
    private int _filed;

    public string Settings => _team.Settings;

    public async Task<PeerRound> Run(CancellationToken cancellationToken)
    {
        _databases = await server.Create(way, cancellationToken);
        // The team comes first and makes its tables.
        await StartTeam(cancellationToken);
        if (!way.IsBound) _publisher = await PeerProcess.Start(way, _databases.Plan with { Consumes = false }, cancellationToken);
        // In both manners: who takes many at once has called little of its code in a thousand messages.
        await Fill(extent.WarmUp, cancellationToken);
        await AllPublished(cancellationToken);
        await OneByOne(extent.WarmUpSeconds, cancellationToken);

        var (perSecond, batchTeam, batchPostgres) = await FullQueue(cancellationToken);
        await Task.Delay(Calm, cancellationToken);
        var idle = await IdleCores(cancellationToken);
        var (latency, team, postgres) = await OneByOne(extent.Seconds, cancellationToken);
        var undisturbed = Evidence.Of(await Rows(cancellationToken), _filed);
        var kill = await Kill(cancellationToken);
        return new PeerRound(way.Key, round, perSecond, batchTeam, batchPostgres, latency, team, postgres, idle, undisturbed, kill);
    }

    public async ValueTask DisposeAsync()
    {
        if (_publisher is not null) await _publisher.DisposeAsync();
        if (_team is not null) await _team.DisposeAsync();
        if (_databases is not null) await _databases.DisposeAsync();
    }

    private async Task<(double PerSecond, double TeamMs, double PostgresMs)> FullQueue(CancellationToken cancellationToken)
    {
        await _team.Ask(new PeerCommand("pause"), cancellationToken);
        await Fill(extent.Messages, cancellationToken);
        await server.Checkpoint(cancellationToken);
        var (team, postgres) = (_team.Cpu, server.Cpu);
        var from = Now();
        await _team.Ask(new PeerCommand("resume"), cancellationToken);
        await AllPublished(cancellationToken);
        (team, postgres) = (_team.Cpu - team, server.Cpu - postgres);
        var last = (await PublishedAt(cancellationToken)).Max(fact => fact.At);
        return (extent.Messages / ((last - from) / 1e6), team.TotalMilliseconds / extent.Messages, postgres.TotalMilliseconds / extent.Messages);
    }

    private async Task<double> IdleCores(CancellationToken cancellationToken)
    {
        var (used, since) = (_team.Cpu + server.Cpu, Stopwatch.GetTimestamp());
        await Task.Delay(Idle, cancellationToken);
        return (_team.Cpu + server.Cpu - used) / Stopwatch.GetElapsedTime(since);
    }

    private async Task<(Times Latency, double TeamMs, double PostgresMs)> OneByOne(int seconds, CancellationToken cancellationToken)
    {
        var count = extent.PerSecond * seconds;
        var (team, postgres, first) = (_team.Cpu, server.Cpu, _filed);
        _filed += count;
        var begun = (await (_publisher ?? _team).Ask(new PeerCommand("rate", first, count, extent.PerSecond), cancellationToken)).Begun!;
        await AllPublished(cancellationToken);
        (team, postgres) = (_team.Cpu - team, server.Cpu - postgres);
        // The first publication counts, should there be several.
        var at = (await PublishedAt(cancellationToken)).GroupBy(fact => fact.ReturnId).ToDictionary(facts => facts.Key, facts => facts.Min(fact => fact.At));
        var times = Enumerable.Range(0, count).Select(number => (at[PeerRequests.ReturnId(first + number)] - begun[number]) / 1e3);
        return (Times.Of(times), team.TotalMilliseconds / count, postgres.TotalMilliseconds / count);
    }

    /// <summary>Kills the team amid its work, starts it again, and looks what there is when nothing changes any more.</summary>
    private async Task<PeerKill> Kill(CancellationToken cancellationToken)
    {
        await _team.Ask(new PeerCommand("pause"), cancellationToken);
        var before = _filed;
        await Fill(extent.Killed, cancellationToken);
        await _team.Ask(new PeerCommand("resume"), cancellationToken);
        // Another moment each round: after a quarter, a half, three quarters.
        var amid = before + extent.Killed * (round % 3 + 1) / 4;
        await Until(async () => await Count(_databases.Team, way.Rows, cancellationToken) >= amid, TimeSpan.FromMilliseconds(5), cancellationToken);
        await _team.Kill();
        var killed = Now();
        await StartTeam(cancellationToken);
        await Settled(cancellationToken);
        var (rows, facts) = (await Rows(cancellationToken), await Counts(_databases.Team, way.Facts, cancellationToken));
        var published = way.IsBound ? null : await PublishedAt(cancellationToken);
        return new PeerKill(
            extent.Killed, Evidence.Of(rows, _filed), Evidence.Of(facts, _filed),
            published is null ? null : Evidence.Of(published.GroupBy(fact => fact.ReturnId).ToDictionary(of => of.Key, of => of.Count()), _filed),
            published is null ? 0 : (published.Max(fact => fact.At) - killed) / 1e6);
    }

    private async Task Settled(CancellationToken cancellationToken)
    {
        var (seen, since) = (await Look(), Stopwatch.GetTimestamp());
        while (true)
        {
            await Task.Delay(PeerTrial.Look, cancellationToken);
            var now = await Look();
            if (now != seen) (seen, since) = (now, Stopwatch.GetTimestamp());
            // Complete, it may still be doubled.
            var complete = seen.Rows >= _filed && (way.IsBound || seen.Published >= _filed);
            if (Stopwatch.GetElapsedTime(since) > (complete ? Calm : way.Quiet)) return;
        }

        async Task<(long Rows, long Published)> Look() =>
            (await Count(_databases.Team, way.Rows, cancellationToken), way.IsBound ? 0 : await Count(_databases.Published, way.Published!, cancellationToken));
    }

    private async Task StartTeam(CancellationToken cancellationToken) =>
        _team = await PeerProcess.Start(way, _databases.Plan with { Publishes = way.IsBound }, cancellationToken);

    private async Task Fill(int count, CancellationToken cancellationToken)
    {
        await (_publisher ?? _team).Ask(new PeerCommand("fill", _filed, count), cancellationToken);
        _filed += count;
    }

    private Task AllPublished(CancellationToken cancellationToken) => Until(
        async () => (way.IsBound ? (await PublishedAt(cancellationToken)).Count : await Count(_databases.Published, way.Published!, cancellationToken)) >= _filed, Look, cancellationToken);

    private async Task Until(Func<Task<bool>> condition, TimeSpan look, CancellationToken cancellationToken)
    {
        var since = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(since) > Patience)
                throw new InvalidOperationException($"{way.Name} did not finish within {Patience.TotalMinutes:0} minutes: {(await Rows(cancellationToken)).Count} of {_filed} requests have a row.");
            await Task.Delay(look, cancellationToken);
        }
    }

    private Task<Dictionary<string, int>> Rows(CancellationToken cancellationToken) => Counts(_databases.Team, way.Rows, cancellationToken);

    private async Task<long> Count(string database, string query, CancellationToken cancellationToken)
    {
        await using var connection = await server.Connect(database, cancellationToken);
        await using var command = new NpgsqlCommand($"select count(*) from ({query}) q", connection) { CommandTimeout = 120 };
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task<Dictionary<string, int>> Counts(string database, string query, CancellationToken cancellationToken)
    {
        await using var connection = await server.Connect(database, cancellationToken);
        await using var command = new NpgsqlCommand($"select q.id, count(*)::int from ({query}) q(id) group by q.id", connection) { CommandTimeout = 120 };
        var counts = new Dictionary<string, int>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) counts[reader.GetString(0)] = reader.GetInt32(1);
        return counts;
    }

    /// <summary>When each fact was published: by the commit that made it visible to receivers.</summary>
    private async Task<IReadOnlyList<HeardFact>> PublishedAt(CancellationToken cancellationToken)
    {
        if (way.IsBound) return (await _team.Ask(new PeerCommand("heard"), cancellationToken)).Heard!;
        await using var connection = await server.Connect(_databases.Published, cancellationToken);
        await using var command = new NpgsqlCommand(
            $"select q.id, (extract(epoch from pg_xact_commit_timestamp(q.x)) * 1000000)::bigint from ({way.Published}) q(id, x)", connection) { CommandTimeout = 120 };
        var facts = new List<HeardFact>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) facts.Add(new HeardFact(reader.GetString(0), reader.GetInt64(1)));
        return facts;
    }

    // The same clock as PostgreSQL's: one machine.
    private static long Now() => (DateTime.UtcNow - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
