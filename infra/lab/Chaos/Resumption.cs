using System.Text.Json;
using EseErp.Launcher.Api;

namespace EseErp.Lab.Chaos;

/// <summary>
/// Does what User Support's people do in traditional mode: looks for incomplete returns and resumes some, again and again.
/// User Support resumes the others automatically.
/// </summary>
internal sealed class Resumption(IReadOnlyList<Uri> intakes) : IDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(2);

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(20) };
    private int _resumed;
    private int _turn;

    /// <summary>Calls to resume a return, whatever came of them.</summary>
    public int Attempts => _resumed;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var intake = intakes[_turn++ % intakes.Count];
            await Parallel.ForEachAsync(
                await IncompleteAsync(intake, cancellationToken),
                new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken },
                async (returnId, cancelled) =>
                {
                    Interlocked.Increment(ref _resumed);
                    await AskAsync(HttpMethod.Post, new Uri(intake, $"returns/{returnId}/resume"), cancelled);
                });
            await Task.Delay(s_pause, cancellationToken);
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<IReadOnlyList<string>> IncompleteAsync(Uri intake, CancellationToken cancellationToken) =>
        await AskAsync(HttpMethod.Get, new Uri(intake, "returns?status=Incomplete&limit=20"), cancellationToken) is { } page
            ? [.. page.Items().Select(item => item.Text("returnId")).OfType<string>()]
            : [];

    /// <summary>Null when there is no good answer; then it is asked again later anyway.</summary>
    private async Task<JsonElement?> AskAsync(HttpMethod method, Uri address, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(method, address);
            if (method == HttpMethod.Post)
                request.Content = EseClient.EmptyJson();
            using var response = await _client.SendAsync(request, cancellationToken);
            if (!response.IsSuccessStatusCode)
                return null;
            using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
            return body.RootElement.Clone();
        }
        catch (Exception failure) when (failure is HttpRequestException or JsonException || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }
}
