using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using EseErp.Launcher.Supervision;

namespace EseErp.Launcher.Api;

/// <summary>Calls the services of a running system over HTTP, as any client would.</summary>
public sealed class EseClient(int portBase) : IDisposable
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(45);

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>A client of the system that runs from this checkout.</summary>
    /// <exception cref="LauncherException">None does.</exception>
    public static EseClient OfRunningSystem()
    {
        var system = SystemState.Running(Checkout.WorkDirectory)
            ?? throw new LauncherException("No system is running from this checkout; start one with ./ese up.");
        return new EseClient(system.PortBase);
    }

    public Uri AddressOf(string team) => new($"http://127.0.0.1:{portBase + ServiceCatalog.Find(team).PortOffset}/");

    public Task<ApiAnswer> GetAsync(string team, string path, CancellationToken cancellationToken) =>
        SendAsync(team, new HttpRequestMessage(HttpMethod.Get, new Uri(AddressOf(team), path)), s_timeout, cancellationToken);

    public Task<ApiAnswer> PutAsync(string team, string path, object body, CancellationToken cancellationToken) =>
        SendAsync(
            team, new HttpRequestMessage(HttpMethod.Put, new Uri(AddressOf(team), path)) { Content = JsonContent.Create(body, body.GetType()) }, s_timeout, cancellationToken);

    /// <summary>A service's metrics by name; those without a measurement are missing, those with labels left out.</summary>
    public async Task<IReadOnlyDictionary<string, double>> MetricsAsync(string team, CancellationToken cancellationToken)
    {
        try
        {
            var text = await _client.GetStringAsync(new Uri(AddressOf(team), "metrics"), cancellationToken).WaitAsync(s_timeout, cancellationToken);
            return text.Split('\n').Where(line => line.Length > 0 && line[0] != '#' && !line.Contains('{', StringComparison.Ordinal))
                .Select(line => line.Split(' ')).ToDictionary(parts => parts[0], parts => double.Parse(parts[1], CultureInfo.InvariantCulture));
        }
        catch (Exception failure) when (failure is HttpRequestException or TimeoutException)
        {
            throw new LauncherException($"{team} does not show its metrics: {failure.Message}", failure);
        }
    }

    public Task<ApiAnswer> PostAsync(string team, string path, object? body, CancellationToken cancellationToken, TimeSpan? timeout = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(AddressOf(team), path)) { Content = body is null ? EmptyJson() : JsonContent.Create(body) };
        request.Headers.Add("Idempotency-Key", Guid.CreateVersion7().ToString());
        return SendAsync(team, request, timeout ?? s_timeout, cancellationToken);
    }

    /// <summary>No body, said to be JSON: a service may refuse anything else, as a page in a browser could send it.</summary>
    public static HttpContent EmptyJson() => new ByteArrayContent([]) { Headers = { ContentType = new("application/json") } };

    public void Dispose() => _client.Dispose();

    private async Task<ApiAnswer> SendAsync(string team, HttpRequestMessage request, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(timeout);
        using (request)
        {
            try
            {
                using var response = await _client.SendAsync(request, patience.Token);
                var text = await response.Content.ReadAsStringAsync(patience.Token);
                return new ApiAnswer(team, request.RequestUri!, (int)response.StatusCode, Parse(text));
            }
            catch (HttpRequestException failure)
            {
                throw new LauncherException($"{team} does not answer at {request.RequestUri}: {failure.Message}", failure);
            }
            catch (OperationCanceledException failure) when (!cancellationToken.IsCancellationRequested)
            {
                throw new LauncherException($"{team} did not answer {request.RequestUri} within {timeout.TotalSeconds:0} s.", failure);
            }
        }
    }

    private static JsonElement Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(string.IsNullOrWhiteSpace(text) ? "{}" : text);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return JsonSerializer.SerializeToElement(new { detail = text.Length > 300 ? text[..300] + "…" : text });
        }
    }
}
