using System.Globalization;
using System.Text.Json;

namespace EseErp.Launcher.Api;

/// <summary>The dead letters of a running system's services.</summary>
internal sealed class DeadLetters(EseClient client)
{
    /// <summary>The longest page a service gives.</summary>
    private const int PageSize = 500;

    /// <summary>Those of a service, oldest first, at most as many as asked for.</summary>
    /// <param name="all">Also those that were re-driven or discarded.</param>
    /// <exception cref="LauncherException">The service refuses it, or does not answer.</exception>
    public async Task<IReadOnlyList<JsonElement>> ListAsync(string team, LetterFilter filter, bool all, int limit, CancellationToken cancellationToken)
    {
        var letters = new List<JsonElement>();
        for (string? after = null; ;)
        {
            var query = new Dictionary<string, string?>
            {
                ["limit"] = Math.Min(PageSize, limit - letters.Count).ToString(CultureInfo.InvariantCulture),
                ["after"] = after,
                ["reason"] = filter.Reason,
                ["type"] = filter.Type,
                ["key"] = filter.Key,
                ["all"] = all ? "true" : null,
            };
            var path = string.Join('&', query.Where(pair => pair.Value is not null).Select(pair => $"{pair.Key}={Uri.EscapeDataString(pair.Value!)}"));
            var page = (await client.GetAsync(team, $"dead-letters?{path}", cancellationToken)).Require().Body;
            letters.AddRange(page.Items());
            after = page.Text("next");
            if (after is null || letters.Count >= limit) return letters;
        }
    }

    /// <summary>What the open ones of a service have in common, the most first.</summary>
    /// <inheritdoc cref="ListAsync" path="/exception" />
    public async Task<IReadOnlyList<JsonElement>> GroupsAsync(string team, bool all, CancellationToken cancellationToken) =>
        [.. (await client.GetAsync(team, $"dead-letters/groups?all={(all ? "true" : "false")}", cancellationToken)).Require().Body.EnumerateArray()];

    /// <inheritdoc cref="ListAsync" path="/exception" />
    public async Task<JsonElement> ReadAsync(string team, long id, CancellationToken cancellationToken) =>
        (await client.GetAsync(team, $"dead-letters/{id}", cancellationToken)).Require().Body;

    /// <summary>Applies a letter's key again.</summary>
    /// <inheritdoc cref="ListAsync" path="/exception" />
    public async Task<JsonElement> RedriveAsync(string team, long id, CancellationToken cancellationToken) =>
        (await client.PostAsync(team, $"dead-letters/{id}/redrive", null, cancellationToken)).Require().Body;

    /// <summary>Applies many again, and waits until that has ended.</summary>
    /// <param name="progress">Hears how far it is.</param>
    /// <inheritdoc cref="ListAsync" path="/exception" />
    public async Task<JsonElement> RedriveAsync(string team, LetterFilter filter, Action<JsonElement> progress, CancellationToken cancellationToken)
    {
        var run = (await client.PostAsync(team, "dead-letters/redrive", filter, cancellationToken)).Require().Body;
        while (run.Text("finishedAt") is null)
        {
            progress(run);
            await Task.Delay(1000, cancellationToken);
            run = (await client.GetAsync(team, $"dead-letters/redrives/{run.Text("id")}", cancellationToken)).Require().Body;
        }

        return run;
    }

    /// <inheritdoc cref="ListAsync" path="/exception" />
    public async Task<JsonElement> DiscardAsync(string team, long id, string reason, string by, CancellationToken cancellationToken) =>
        (await client.PostAsync(team, $"dead-letters/{id}/discard", new { reason, by }, cancellationToken)).Require().Body;
}

/// <summary>Which letters are meant; what is null does not restrict.</summary>
internal sealed record LetterFilter(string? Reason, string? Type, string? Key);
