using System.ComponentModel.DataAnnotations;
using EseErp.UserSupport.Data;
using EseErp.UserSupport.Returns;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace EseErp.UserSupport.Traditional;

/// <summary>Callbacks: where User Support may send the outcome of a return. Configuration section <c>UserSupport:Callbacks</c>.</summary>
public sealed class CallbackOptions
{
    /// <summary>
    /// Allowed beginnings of callback addresses, such as <c>https://crm.example/hooks/</c>; each ends with a slash. Empty, the default: no callbacks.
    /// A server that calls any given address could be used to reach what its callers cannot reach.
    /// </summary>
    public IReadOnlyList<string> Allowed { get; set; } = [];

    /// <summary>Longest wait for the answer to a callback. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Pause before a callback is tried again; it doubles up to five minutes. Default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan Pause { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>After so many failed attempts the callback is given up. Default 100, about eight hours.</summary>
    [Range(1, 10_000)]
    public int Attempts { get; set; } = 100;

    /// <summary>Why an address is not called; null when it is.</summary>
    public string? ReasonNotToCall(string url) => !Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.UserInfo.Length > 0
        ? "must be an absolute http or https address without a user name"
        : Allowed.Any(prefix => address.AbsoluteUri.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            ? null
            : "is not an allowed address (UserSupport:Callbacks:Allowed)";
}

/// <summary>
/// Sends callbacks: a <c>POST</c> of the return, as <c>GET /returns/{returnId}</c> shows it, with an
/// <c>Idempotency-Key</c> of its number and status. At least once for each outcome; it continues after a crash, and until the answer is 2xx.
/// </summary>
internal sealed partial class CallbackSender(
    IServiceScopeFactory scopes, IHttpClientFactory clients, IOptions<CallbackOptions> options, IOptions<JsonOptions> json, TimeProvider clock,
    ILogger<CallbackSender> log) : BackgroundService
{
    internal const string Client = "callbacks";

    private const int AtOnce = 8;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Allowed.Count == 0) return;
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await Parallel.ForEachAsync(
                    await Claim(stoppingToken), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stoppingToken },
                    async (claimed, token) => await Send(claimed, token));
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception.Message);
            }
        }
    }

    // Whoever claims them has this long; after that, or when it dies, another sends them.
    private TimeSpan Lease => 4 * options.Value.Timeout;

    private sealed record Claimed(string ReturnId, DateTimeOffset Until);

    private async Task<Claimed[]> Claim(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var now = clock.GetUtcNow();
        return await scope.ServiceProvider.GetRequiredService<UserSupportDb>().Database.SqlQuery<Claimed>(
            $"""
            update traditional_returns set callback_at = {now + Lease} where return_id = any (array(
                select return_id from traditional_returns where callback_at <= {now} order by callback_at limit {4 * AtOnce} for update skip locked))
            returning return_id as "ReturnId", callback_at as "Until"
            """).ToArrayAsync(cancellationToken);
    }

    private async Task Send(Claimed claimed, CancellationToken cancellationToken)
    {
        var returnId = claimed.ReturnId;
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<UserSupportDb>();
        var saga = await db.Set<TraditionalReturn>().AsNoTracking().SingleAsync(saga => saga.ReturnId == returnId, cancellationToken);
        saga.Return = await db.Returns.AsNoTracking().SingleAsync(asked => asked.ReturnId == returnId, cancellationToken);
        var steps = await db.Set<ReturnStep>().AsNoTracking().Where(step => step.ReturnId == returnId).OrderBy(step => step.Number).ToListAsync(cancellationToken);
        var view = ReturnView.Of(saga.Return, saga.Course(steps), scope.ServiceProvider.GetRequiredService<Links>().Of(saga.Return));
        var problem = options.Value.ReasonNotToCall(saga.CallbackUrl!) ?? await Post(saga, view, cancellationToken);

        var now = clock.GetUtcNow();
        if (problem is null)
        {
            // There is another time by now where the return has come to something else since.
            var status = saga.Status.ToString();
            await db.Database.ExecuteSqlAsync(
                $"""
                update traditional_returns set told_status = {status}, callback_failures = 0, callback_at = nullif(callback_at, {claimed.Until})
                where return_id = {returnId}
                """, CancellationToken.None);
            return;
        }

        var pause = TimeSpan.FromTicks(Math.Min(options.Value.Pause.Ticks << Math.Min(saga.CallbackFailures, 20), LongestPause.Ticks));
        DateTimeOffset? again = saga.CallbackFailures + 1 < options.Value.Attempts ? now + pause : null;
        LogNotTold(returnId, problem, again is null ? "given up" : "tried again");
        await db.Database.ExecuteSqlAsync(
            $"update traditional_returns set callback_failures = callback_failures + 1, callback_at = {again} where return_id = {returnId}", CancellationToken.None);
    }

    private async Task<string?> Post(TraditionalReturn saga, ReturnView view, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Value.Timeout);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, saga.CallbackUrl)
            {
                Content = JsonContent.Create(view, options: json.Value.SerializerOptions),
                Headers = { { "Idempotency-Key", $"{saga.ReturnId}.{saga.Status}" }, { "X-Correlation-Id", saga.CorrelationId } },
            };
            using var answer = await clients.CreateClient(Client).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return answer.IsSuccessStatusCode ? null : $"answered {(int)answer.StatusCode}";
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return exception is OperationCanceledException ? "no answer in time" : exception.Message;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The callback for {ReturnId} failed: {Reason}; {Next}")]
    private partial void LogNotTold(string returnId, string reason, string next);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Sending callbacks failed: {Reason}")]
    private partial void LogFailed(string reason);
}
