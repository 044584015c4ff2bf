using System.Collections.Concurrent;
using EseErp.UserSupport.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace EseErp.UserSupport.Traditional;

/// <summary>
/// Asks the teams that gave no answer once a second whether they are ready. When a team is back, its circuit breaker closes and the
/// returns that wait for it continue at once, however long their pauses had grown.
/// </summary>
internal sealed partial class TeamProbe(
    IServiceScopeFactory scopes, TeamClient teams, IOptions<TraditionalOptions> options, TimeProvider clock, ILogger<TeamProbe> log) : BackgroundService
{
    // Not ready when they were last asked. After a start that is not known, and returns may wait since before.
    private readonly ConcurrentDictionary<string, bool> _away = new(TraditionalModule.Teams.ToDictionary(team => team, _ => true));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.ProbeInterval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await Task.WhenAll(_away.Keys.Union(teams.Silent).ToList().ConvertAll(team => Probe(team, stoppingToken)));
    }

    private async Task Probe(string team, CancellationToken cancellationToken)
    {
        if (!await teams.IsReady(team, cancellationToken)) _away[team] = true;
        // Ready, and it was when it gave no answer: that is between it and the one return, to which its pauses apply.
        else if (!_away.ContainsKey(team)) teams.Heard(team);
        else if (await Wake(team, cancellationToken)) _away.TryRemove(team, out _);
    }

    private async Task<bool> Wake(string team, CancellationToken cancellationToken)
    {
        try
        {
            await teams.CloseBreaker(team);
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<UserSupportDb>();
            var now = clock.GetUtcNow();
            var woken = await db.Database.ExecuteSqlAsync(
                $"""
                update traditional_returns r set wake_at = {now} where driven_until is null and wake_at > {now} and failures > 0 and not exists (
                    select from return_steps s where s.return_id = r.return_id and s.outcome in ('Unknown', 'NotReached')
                        and split_part(s.name, '.', case when s.name like 'undo.%' then 2 else 1 end) <> {team})
                """, cancellationToken);
            if (woken > 0) LogBack(team, woken);
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotWoken(team, exception.Message);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Team} is back; {Count} returns that waited for it continue")]
    private partial void LogBack(string team, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Team} is back; waking the returns that wait for it failed and will be retried: {Reason}")]
    private partial void LogNotWoken(string team, string reason);
}
