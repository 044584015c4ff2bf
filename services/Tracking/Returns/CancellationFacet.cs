using System.Text.Json.Serialization;
using EseErp.Contracts.UserSupport;

namespace EseErp.Tracking.Returns;

/// <summary>
/// Event mode: that someone wants to call the return off, and what was answered. Question and answer come on two topics, in
/// either order, so each has members of its own here.
/// </summary>
public sealed record CancellationFacet
{
    /// <summary>How often it was asked for: after a refusal one may ask again.</summary>
    public int Asked { get; init; }

    public DateTimeOffset? AskedAt { get; init; }

    public string? Reason { get; init; }

    /// <summary>How often it was answered.</summary>
    public int Answered { get; init; }

    public DateTimeOffset? AnsweredAt { get; init; }

    /// <summary>An acceptance stands, whatever is answered to those who ask again.</summary>
    public DateTimeOffset? AcceptedAt { get; init; }

    /// <summary>Why not, for people; the last time.</summary>
    public string? Refusal { get; init; }

    [JsonIgnore]
    public CancellationState? State =>
        AcceptedAt is not null ? CancellationState.Accepted
        : Asked > Answered ? CancellationState.Requested
        : Answered > 0 ? CancellationState.Refused
        : null;

    public CancellationFacet After(object fact, DateTimeOffset at) => fact switch
    {
        ReturnCancellationRequested asked => this with { Asked = Asked + 1, AskedAt = at, Reason = asked.Reason },
        CancellationAccepted => this with { Answered = Answered + 1, AnsweredAt = at, AcceptedAt = AcceptedAt ?? at },
        CancellationRefused refused => this with { Answered = Answered + 1, AnsweredAt = at, Refusal = refused.Reason },
        _ => this,
    };
}
