using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using EseErp.EventStore;
using EseErp.UserSupport.Returns;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace EseErp.UserSupport.Traditional;

/// <summary>What came of a call.</summary>
/// <param name="TimedOut">Whether the last attempt ended for want of an answer.</param>
public sealed record CallResult(StepOutcome Outcome, int? StatusCode, string? Answer, string? Problem, bool TimedOut = false);

/// <summary>
/// Calls the teams: a time limit per attempt, retries with jitter, a circuit breaker per team, and one idempotency key for
/// all attempts of a step, so that an attempt whose answer was lost is not done twice.
/// </summary>
public sealed class TeamClient
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly IHttpClientFactory _clients;
    private readonly TimeSpan _attemptTimeout;
    private readonly Dictionary<string, CircuitBreakerManualControl> _breakers = TraditionalModule.Teams.ToDictionary(team => team, _ => new CircuitBreakerManualControl());
    private readonly Dictionary<string, ResiliencePipeline<HttpResponseMessage>> _pipelines;
    private readonly ConcurrentDictionary<string, bool> _silent = [];
    private readonly ConcurrentDictionary<string, bool> _cold = [];

    public TeamClient(IHttpClientFactory clients, IOptions<TraditionalOptions> options)
    {
        (_clients, _attemptTimeout) = (clients, options.Value.AttemptTimeout);
        _pipelines = TraditionalModule.Teams.ToDictionary(team => team, team => Pipeline(options.Value, _breakers[team], () => _cold.ContainsKey(team)));
    }

    /// <summary>The teams whose last call got no answer.</summary>
    public IEnumerable<string> Silent => _silent.Keys;

    /// <summary>Makes a call to its end; a failing team is an outcome and not an exception.</summary>
    /// <param name="driver">By which the teams know who drives their documents; null for a return of an earlier version.</param>
    public async Task<CallResult> Call(TeamCall call, string idempotencyKey, string correlationId, Guid? driver, CancellationToken cancellationToken)
    {
        var result = await CallToItsEnd(call, idempotencyKey, correlationId, driver, cancellationToken);
        if (result.Outcome is StepOutcome.Unknown or StepOutcome.NotReached) _silent[call.Team] = true;
        else Heard(call.Team);
        return result;
    }

    /// <summary>The team has answered.</summary>
    public void Heard(string team) => _silent.TryRemove(team, out _);

    /// <summary>
    /// Whether a team says that it is ready. One that says it is warming up is on its way: until it is asked again, its failures say nothing about
    /// it and open no breaker.
    /// </summary>
    public async Task<bool> IsReady(string team, CancellationToken cancellationToken)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(_attemptTimeout);
            using var answer = await _clients.CreateClient(team).GetAsync("/health/ready", limit.Token);
            if (!answer.IsSuccessStatusCode && WarmsUp(await answer.Content.ReadAsStringAsync(limit.Token))) _cold[team] = true;
            else _cold.TryRemove(team, out _);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            _cold.TryRemove(team, out _);
            return false;
        }
    }

    /// <summary>Lets calls through again before the breaker would by itself.</summary>
    public Task CloseBreaker(string team) => _breakers[team].CloseAsync();

    private async Task<CallResult> CallToItsEnd(
        TeamCall call, string idempotencyKey, string correlationId, Guid? driver, CancellationToken cancellationToken)
    {
        // Once an attempt may have reached the team, a later refused connection does not make it undone.
        var mayHaveReached = false;
        try
        {
            using var response = await _pipelines[call.Team].ExecuteAsync(
                async token =>
                {
                    try
                    {
                        var answer = await Send(call, idempotencyKey, correlationId, driver, token);
                        mayHaveReached |= (int)answer.StatusCode >= 500;
                        return answer;
                    }
                    catch (HttpRequestException exception) when (exception.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError)
                    {
                        throw;
                    }
                    catch
                    {
                        mayHaveReached = true;
                        throw;
                    }
                },
                cancellationToken);
            return await Read(call, response, cancellationToken);
        }
        catch (Exception exception) when (exception is HttpRequestException or TimeoutRejectedException or BrokenCircuitException or OperationCanceledException)
        {
            var timedOut = exception is TimeoutRejectedException or OperationCanceledException;
            var problem = exception switch
            {
                BrokenCircuitException => $"{call.Team} failed too often; calls to it are paused for a moment (circuit breaker).",
                _ when timedOut => $"{call.Team} did not answer in time.",
                _ => $"{call.Team} cannot be reached: {exception.Message}",
            };
            return new CallResult(mayHaveReached ? StepOutcome.Unknown : StepOutcome.NotReached, null, null, problem, timedOut);
        }
    }

    /// <summary>Reads something from a team; null when it cannot be had.</summary>
    public async Task<JsonElement?> Read(string team, string path, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _pipelines[team].ExecuteAsync(
                async token => await _clients.CreateClient(team).GetAsync(path, token), cancellationToken);
            return response.IsSuccessStatusCode ? await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken) : null;
        }
        catch (Exception exception) when (exception is HttpRequestException or TimeoutRejectedException or BrokenCircuitException)
        {
            return null;
        }
    }

    private async ValueTask<HttpResponseMessage> Send(TeamCall call, string idempotencyKey, string correlationId, Guid? driver, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(call.IsQuestion ? HttpMethod.Get : HttpMethod.Post, call.Path);
        if (call.Body is not null) request.Content = JsonContent.Create(call.Body, call.Body.GetType(), options: Json);
        else if (!call.IsQuestion) request.Content = new ByteArrayContent([]) { Headers = { ContentType = new("application/json") } };
        request.Headers.Add("Idempotency-Key", idempotencyKey);
        request.Headers.Add("X-Correlation-Id", correlationId);
        if (driver is { } key) request.Headers.Add(Drivers.Header, key.ToString("N"));
        return await _clients.CreateClient(call.Team).SendAsync(request, cancellationToken);
    }

    private static async Task<CallResult> Read(TeamCall call, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var (status, body) = ((int)response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
        if (response.IsSuccessStatusCode) return new CallResult(StepOutcome.Done, status, body, null);
        var problem = $"{call.Team} answered {status}: {Detail(body)}";
        return status < 500 && response.StatusCode is not (HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests)
            ? new CallResult(StepOutcome.Refused, status, body, problem)
            : new CallResult(StepOutcome.Unknown, status, null, problem);
    }

    private static bool WarmsUp(string health)
    {
        try
        {
            return JsonElement.Parse(health) is { ValueKind: JsonValueKind.Object } answer && answer.TryGetProperty("checks", out var checks)
                && checks.EnumerateArray().Any(check => check.GetProperty("name").GetString() == "warm" && check.GetProperty("status").GetString() != "Healthy");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            // Whatever answers there, it is not the team.
            return false;
        }
    }

    private static string Detail(string body)
    {
        try
        {
            var problem = JsonElement.Parse(body);
            return (problem.TryGetProperty("detail", out var detail) ? detail.GetString() : null)
                ?? (problem.TryGetProperty("title", out var title) ? title.GetString() : null)
                ?? "no reason given";
        }
        catch (JsonException)
        {
            return "no reason given";
        }
    }

    private static ResiliencePipeline<HttpResponseMessage> Pipeline(TraditionalOptions options, CircuitBreakerManualControl breaker, Func<bool> isCold)
    {
        static bool IsFailure(Outcome<HttpResponseMessage> outcome) =>
            outcome.Exception is HttpRequestException or TimeoutRejectedException
            || outcome.Result is { StatusCode: >= HttpStatusCode.InternalServerError or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests };

        var pipeline = new ResiliencePipelineBuilder<HttpResponseMessage>();
        if (options.Retries > 0)
            pipeline.AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                ShouldHandle = arguments => ValueTask.FromResult(IsFailure(arguments.Outcome)),
                MaxRetryAttempts = options.Retries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = options.RetryPause,
            });
        return pipeline
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<HttpResponseMessage>
            {
                ShouldHandle = arguments => ValueTask.FromResult(IsFailure(arguments.Outcome) && !isCold()),
                FailureRatio = 0.8,
                MinimumThroughput = 20,
                SamplingDuration = TimeSpan.FromSeconds(10),
                BreakDuration = options.BreakDuration,
                ManualControl = breaker,
            })
            .AddTimeout(options.AttemptTimeout)
            .Build();
    }
}
