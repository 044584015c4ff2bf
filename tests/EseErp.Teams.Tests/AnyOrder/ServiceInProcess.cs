using System.Diagnostics;
using System.Net.Http.Json;
using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EseErp.Teams.Tests.AnyOrder;

/// <summary>A service as it is: its own <c>Program.cs</c> runs in this process, with all it starts and all it maps.</summary>
internal sealed class ServiceInProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(1);

    private readonly IHost _host;
    private readonly HttpClient _http;

    private ServiceInProcess(string team, IHost host)
    {
        (Team, _host) = (team, host);
        Address = host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        _http = new HttpClient { BaseAddress = new Uri(Address), Timeout = TimeSpan.FromMinutes(2) };
    }

    public string Team { get; }

    public string Address { get; }

    public IServiceProvider Services => _host.Services;

    /// <summary>What can be called, with its methods.</summary>
    public IEnumerable<(string Method, string Route)> Endpoints => _host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .SelectMany(endpoint => (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [])
            .Select(method => (method, "/" + endpoint.RoutePattern.RawText!.Trim('/'))));

    /// <summary>Runs a service's entry point, and waits until it listens.</summary>
    /// <param name="service">A type of its assembly.</param>
    public static async Task<ServiceInProcess> Start(string team, Type service, params (string Key, string Value)[] settings)
    {
        using var built = new BuiltHost();
        var arguments = settings.Append(("urls", "http://127.0.0.1:0")).Select(setting => $"--{setting.Item1}={setting.Item2}").ToArray();
        var host = await built.Run(() => service.Assembly.EntryPoint!.Invoke(null, [arguments])).WaitAsync(StartLimit);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(StartLimit);
        return new ServiceInProcess(team, host);
    }

    /// <summary>Calls an endpoint, and returns its status and its JSON.</summary>
    public async Task<(int Status, JsonNode? Body)> Send(string method, string address, object? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), address);
        if (body is not null) request.Content = JsonContent.Create(body, body.GetType());
        if (method == "PATCH") request.Content!.Headers.ContentType = new("application/merge-patch+json");
        else if (body is null && method != "GET") request.Content = new ByteArrayContent([]) { Headers = { ContentType = new("application/json") } };
        if (method is "PUT" or "PATCH" or "DELETE") request.Headers.TryAddWithoutValidation("If-Match", "*");
        using var answer = await _http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return ((int)answer.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text));
    }

    /// <summary>What a GET answers; null when there is nothing.</summary>
    public async Task<JsonNode?> Get(string address) => await Send("GET", address) is (200, { } body) ? body : null;

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _host.StopAsync();
    }

    // The host that the entry point builds, as the framework's own test server finds it.
    private sealed class BuiltHost : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
    {
        private static readonly AsyncLocal<BuiltHost?> Current = new();

        private readonly TaskCompletionSource<IHost> _host = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly List<IDisposable> _subscriptions = [];

        public Task<IHost> Run(Action entryPoint)
        {
            _subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(this));
            new Thread(() =>
            {
                try
                {
                    // Whatever is built further down in this flow is the service's.
                    Current.Value = this;
                    entryPoint();
                }
                catch (TargetInvocationException failed)
                {
                    _host.TrySetException(failed.InnerException!);
                }
            }) { IsBackground = true }.Start();
            return _host.Task;
        }

        public void OnNext(DiagnosticListener listener)
        {
            if (listener.Name == "Microsoft.Extensions.Hosting") _subscriptions.Add(listener.Subscribe(this));
        }

        public void OnNext(KeyValuePair<string, object?> happened)
        {
            if (Current.Value == this && happened is { Key: "HostBuilt", Value: IHost host }) _host.TrySetResult(host);
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }

        public void Dispose() => _subscriptions.ForEach(subscription => subscription.Dispose());
    }
}
