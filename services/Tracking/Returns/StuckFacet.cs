using System.Text.Json.Serialization;
using EseErp.Contracts.DeadLetters;

namespace EseErp.Tracking.Returns;

/// <summary>What the services could not apply of a return and nobody has decided on: their open dead letters.</summary>
public sealed record StuckFacet
{
    /// <summary>Of one consumer group; more are only counted.</summary>
    public const int Kept = 20;

    /// <summary>By group and id, so that the order in which the teams are heard does not matter.</summary>
    public List<StuckLetter> Letters { get; init; } = [];

    /// <summary>Consumer group → open letters beyond those kept.</summary>
    public Dictionary<string, int> More { get; init; } = [];

    /// <summary>When a letter was last opened or closed.</summary>
    public DateTimeOffset? ChangedAt { get; init; }

    [JsonIgnore]
    public int Open => Letters.Count + More.Values.Sum();

    public StuckFacet After(object fact, DateTimeOffset at) => fact switch
    {
        DeadLetterOpened opened => Opened(opened, at) with { ChangedAt = Later(at) },
        DeadLetterClosed closed => Closed(closed) with { ChangedAt = Later(at) },
        _ => this,
    };

    private StuckFacet Opened(DeadLetterOpened opened, DateTimeOffset at)
    {
        var known = Letters.FirstOrDefault(letter => letter.Is(opened.Group, opened.LetterId));
        if (known is null && !opened.Again && Letters.Count(letter => letter.Group == opened.Group) >= Kept) return Count(opened.Group, 1);
        var letter = new StuckLetter(
            opened.Team, opened.Group, opened.LetterId, opened.Topic, opened.EventType, opened.Reason, known?.Since ?? at);
        var kept = this with
        {
            Letters =
            [
                .. Letters.Where(other => other != known).Append(letter).OrderBy(other => other.Group, StringComparer.Ordinal).ThenBy(other => other.LetterId),
            ],
        };
        return known is null && opened.Again ? kept.Count(opened.Group, -1) : kept;
    }

    private StuckFacet Closed(DeadLetterClosed closed) => Letters.Any(letter => letter.Is(closed.Group, closed.LetterId))
        ? this with { Letters = [.. Letters.Where(letter => !letter.Is(closed.Group, closed.LetterId))] }
        : Count(closed.Group, -1);

    // What was opened before Tracking began to listen is closed without having been counted.
    private StuckFacet Count(string group, int change)
    {
        var count = Math.Max(0, More.GetValueOrDefault(group) + change);
        var more = More.Where(other => other.Key != group).ToDictionary();
        if (count > 0) more[group] = count;
        return this with { More = more };
    }

    private DateTimeOffset Later(DateTimeOffset at) => ChangedAt > at ? ChangedAt.Value : at;
}

/// <summary>An open dead letter.</summary>
public sealed record StuckLetter(string Team, string Group, long LetterId, string Topic, string? EventType, string Reason, DateTimeOffset Since)
{
    internal bool Is(string group, long letterId) => Group == group && LetterId == letterId;
}
