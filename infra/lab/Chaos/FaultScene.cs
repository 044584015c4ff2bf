using System.Collections.Concurrent;
using EseErp.Launcher;
using EseErp.Launcher.Supervision;
using Npgsql;

namespace EseErp.Lab.Chaos;

/// <summary>Where faults strike: knows how to break each part of a running system, and when that part is back.</summary>
internal sealed class FaultScene(ChaosSystem system)
{
    public const string Postgres = "postgres";
    public const string Broker = "broker";

    // Relay.LeaderLock in EseErp.Messaging: who holds it publishes the team's event log.
    private const long RelayLeaderLock = 0x4553454C;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<string, bool> _claims = [];

    /// <summary>The victim may be struck again.</summary>
    public void Release(string claim) => _claims.TryRemove(claim, out _);

    public async Task<Blow?> KillServiceAsync(string name)
    {
        if (system.Processes.ProcessId(name) is not { } pid || !Claim(name))
            return null;
        await system.Processes.KillServiceAsync(name);
        return new Blow(name, $"{name} (process {pid})", cancelled => ServiceIsBackAsync(name, cancelled));
    }

    public async Task<Blow?> KillRelayLeaderAsync(string team, CancellationToken cancellationToken) =>
        await RelayLeaderAsync(team, cancellationToken) is { } leader && await KillServiceAsync(leader) is { } blow
            ? blow with
            {
                Hit = $"{blow.Hit}, {team}'s relay",
                Recovery = async cancelled =>
                {
                    await UntilAsync(async () => await RelayLeaderAsync(team, cancelled) is not null, cancelled);
                    await blow.Recovery(cancelled);
                },
            }
            : null;

    /// <summary>The process stands still as if in a long pause: its ports accept, its sessions and locks stay, it does not answer.</summary>
    public Task<Blow?> FreezeServiceAsync(string name, TimeSpan hold)
    {
        if (system.Processes.ProcessId(name) is not { } pid || ProcessIdentity.Of(pid) is not { } process || !Claim(name))
            return Task.FromResult<Blow?>(null);
        Signals.Send(pid, Signals.Stop);
        return Task.FromResult<Blow?>(new Blow(name, $"{name} (process {pid}) for {hold.TotalSeconds:0.0} s", async cancelled =>
        {
            try
            {
                await Task.Delay(hold, cancelled);
            }
            finally
            {
                if (process.IsAlive)
                    Signals.Send(pid, Signals.Continue);
            }

            await ServiceIsBackAsync(name, cancelled);
        }));
    }

    /// <summary>The process that publishes a team's events stands still. Where the team has another one, that one takes over.</summary>
    public async Task<Blow?> FreezeRelayLeaderAsync(string team, TimeSpan hold, CancellationToken cancellationToken) =>
        await RelayLeaderAsync(team, cancellationToken) is { } leader && await FreezeServiceAsync(leader, hold) is { } blow
            ? blow with
            {
                Hit = $"{blow.Hit}, {team}'s relay",
                Recovery = async cancelled =>
                {
                    await blow.Recovery(cancelled);
                    await UntilAsync(async () => await RelayLeaderAsync(team, cancelled) is not null, cancelled);
                },
            }
            : null;

    /// <summary>
    /// Somebody else's transaction, which has a number of its own, stays open in a team's database. It concerns nobody, and nobody may wait for it.
    /// </summary>
    public async Task<Blow?> LeaveTransactionOpenAsync(string team, TimeSpan hold, CancellationToken cancellationToken)
    {
        var claim = $"transaction beside {team}";
        if (!Claim(claim))
            return null;
        var session = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(system.Databases.Database(ServiceCatalog.Find(team).Database)) { Pooling = false, Timeout = 5, ApplicationName = "chaos" }.ConnectionString);
        try
        {
            await session.OpenAsync(cancellationToken);
            await ScalarAsync(session, "begin; select pg_current_xact_id()::text", cancellationToken);
            return new Blow(claim, $"beside {team} for {hold.TotalSeconds:0.0} s", async cancelled =>
            {
                // Whether it is ended or cut before, it is over.
                await using (session) await Task.Delay(hold, cancelled);
            });
        }
        catch (NpgsqlException)
        {
            await session.DisposeAsync();
            Release(claim);
            return null;
        }
    }

    /// <summary>All sessions of a team on its own database end, those of its replicas too.</summary>
    public async Task<Blow?> CutDatabaseSessionsAsync(string team, CancellationToken cancellationToken)
    {
        if (await CutAsync(system.Databases.Database(ServiceCatalog.Find(team).Database), cancellationToken) is not { } sessions)
            return null;
        return new Blow($"sessions of {team}", $"{sessions} of {team}", cancelled => ServiceIsBackAsync(team, cancelled));
    }

    /// <summary>All sessions on the embedded broker end at once, as they would if the broker crashed.</summary>
    public async Task<Blow?> CutBrokerSessionsAsync(CancellationToken cancellationToken)
    {
        // Every role may end its own sessions; no administrator is needed.
        var cut = await Task.WhenAll(ServiceCatalog.All.Select(service => CutAsync(system.Databases.Broker(service.Database), cancellationToken)));
        return cut.Any(sessions => sessions is null)
            ? null
            : new Blow("sessions on the broker", $"{cut.Sum()} of all teams", cancelled => Task.WhenAll(ServiceCatalog.All.Select(service => ServiceIsBackAsync(service.Team, cancelled))));
    }

    public Task<Blow?> KillPostgresAsync() => EndPostgresAsync(system.Processes.KillPostgresAsync);

    public Task<Blow?> RestartPostgresAsync() => EndPostgresAsync(system.Processes.RestartPostgresAsync);

    public async Task<Blow?> KillKafkaAsync()
    {
        if (!Claim(Broker))
            return null;
        var port = new Uri($"kafka://{system.Processes.KafkaBootstrapServers}").Port;
        await system.Processes.KillKafkaAsync();
        return new Blow(Broker, "Kafka", cancelled => UntilAsync(() => Ports.AcceptsAsync(port, cancelled), cancelled));
    }

    private async Task<Blow?> EndPostgresAsync(Func<Task> end)
    {
        if (!await AnswersAsync(CancellationToken.None) || !Claim(Postgres))
            return null;
        await end();
        return new Blow(Postgres, "all databases and the embedded broker", cancelled => UntilAsync(() => AnswersAsync(cancelled), cancelled));
    }

    private bool Claim(string victim) => _claims.TryAdd(victim, true);

    private async Task ServiceIsBackAsync(string name, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await system.Processes.WaitUntilReadyAsync(name, cancellationToken);
                return;
            }
            catch (LauncherException)
            {
                // It ended several times while starting, for example because PostgreSQL was away; the launcher tries again.
                await Task.Delay(s_pause, cancellationToken);
            }
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> isBack, CancellationToken cancellationToken)
    {
        while (!await isBack())
            await Task.Delay(s_pause, cancellationToken);
    }

    private Task<bool> AnswersAsync(CancellationToken cancellationToken) => WithAsync(
        system.Databases.Database(ServiceCatalog.All[0].Database), async session => await ScalarAsync(session, "select true", cancellationToken) is true, false, cancellationToken);

    // Sessions bear the name of their process (see ServiceEnvironment).
    private Task<string?> RelayLeaderAsync(string team, CancellationToken cancellationToken) => WithAsync<string?>(
        system.Databases.Database(ServiceCatalog.Find(team).Database),
        async session => await ScalarAsync(
            session,
            $"""
            select a.application_name from pg_locks l join pg_stat_activity a using (pid)
            where l.locktype = 'advisory' and l.granted and l.classid = 0 and l.objid = {RelayLeaderLock} and l.objsubid = 1
              and l.database = (select oid from pg_database where datname = current_database())
            """,
            cancellationToken) as string,
        null,
        cancellationToken);

    private static Task<long?> CutAsync(string connection, CancellationToken cancellationToken) => WithAsync<long?>(
        connection,
        async session => (long?)await ScalarAsync(
            session,
            """
            select count(pg_terminate_backend(pid)) from pg_stat_activity
            where usename = current_user and datname = current_database() and pid <> pg_backend_pid()
              and application_name <> 'audit' -- the lab's own, which are nobody's fault
            """,
            cancellationToken),
        null,
        cancellationToken);

    private static async Task<T> WithAsync<T>(string connection, Func<NpgsqlConnection, Task<T>> ask, T whenAway, CancellationToken cancellationToken)
    {
        try
        {
            await using var session = new NpgsqlConnection(
                new NpgsqlConnectionStringBuilder(connection) { Pooling = false, Timeout = 5, ApplicationName = "chaos" }.ConnectionString);
            await session.OpenAsync(cancellationToken);
            return await ask(session);
        }
        catch (NpgsqlException)
        {
            return whenAway;
        }
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection session, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, session) { CommandTimeout = 5 };
        return await command.ExecuteScalarAsync(cancellationToken);
    }
}
