using EseErp.Contracts;

namespace EseErp.Tracking.Returns;

/// <summary>
/// One return as the teams' facts tell it. Each facet follows the facts of one team, which arrive in order; facts of
/// different teams arrive in any order, and everything that looks at several facets is computed by <see cref="Rollup"/>.
/// So the row is the same whichever way the teams' facts interleave.
/// </summary>
public sealed class TrackedReturn
{
    public required string ReturnId { get; init; }

    /// <summary>Who drives is the same in all facts of one return; a dead letter that nobody could read does not know it.</summary>
    public required CoordinationMode Mode { get; set; }

    /// <summary>How many facts were applied.</summary>
    public int Version { get; private set; }

    public RequestFacet Request { get; private set; } = new();

    public RefundFacet Refund { get; private set; } = new();

    public ReplacementFacet Replacement { get; private set; } = new();

    public ItemFacet Item { get; private set; } = new();

    public DisassemblyFacet Disassembly { get; private set; } = new();

    public DisposalFacet Disposal { get; private set; } = new();

    public CancellationFacet Cancellation { get; private set; } = new();

    public CallsFacet Calls { get; private set; } = new();

    public StuckFacet Stuck { get; private set; } = new();

    // From here on: computed from the facets after every fact, and stored only so that lists can be filtered by it.
    public TrackedStatus Status { get; private set; }

    public string? CustomerId { get; private set; }

    /// <summary>Of the device that is returned, in its normal form, to look it up by; as it was written it is in the facets.</summary>
    public string? SerialNumber { get; private set; }

    public ReturnReason? Reason { get; private set; }

    public DateTimeOffset? RequestedAt { get; private set; }

    public DateTimeOffset? SettledAt { get; private set; }

    public DateTimeOffset? CompletedAt { get; private set; }

    public DateTimeOffset? ClosedAt { get; private set; }

    /// <summary>Applies a fact of any team.</summary>
    /// <param name="at">When it happened, UTC.</param>
    public void Apply(object fact, DateTimeOffset at)
    {
        Version++;
        Request = Request.After(fact, at);
        Refund = Refund.After(fact, at);
        Replacement = Replacement.After(fact, at);
        Item = Item.After(fact, at);
        Disassembly = Disassembly.After(fact, at);
        Disposal = Disposal.After(fact, at);
        Cancellation = Cancellation.After(fact, at);
        Calls = Calls.After(fact);
        Stuck = Stuck.After(fact, at);

        (CustomerId, SerialNumber, Reason, RequestedAt) =
            (Request.CustomerId ?? Refund.CustomerId, (Refund.ReturnedSerialNumber ?? Request.SerialNumber) is { } written ? SerialNumbers.Normal(written) : null, Request.Reason, Request.RequestedAt);
        (SettledAt, CompletedAt, ClosedAt) = (Rollup.SettledAt(this), Rollup.CompletedAt(this), Rollup.ClosedAt(this));
        Status = Rollup.StatusOf(this);
    }
}
