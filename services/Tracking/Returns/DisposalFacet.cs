using EseErp.Contracts.Accounting;

namespace EseErp.Tracking.Returns;

/// <summary>What Accounting says.</summary>
public sealed record DisposalFacet
{
    /// <summary>Null until Accounting has said anything.</summary>
    public AssetDisposalState? State { get; init; }

    public decimal? ProvisionalCost { get; init; }

    /// <summary>What the replacement is valued at, where the returned unit is valued as another device than was announced.</summary>
    public decimal? ReplacementCost { get; init; }

    /// <summary>ISO 4217, of <see cref="ReplacementCost"/>.</summary>
    public string? ReplacementCurrency { get; init; }

    public decimal? DisposalLoss { get; init; }

    public decimal? RecoveredValue { get; init; }

    public string? Currency { get; init; }

    /// <summary>Why it was taken back; for people.</summary>
    public string? Note { get; init; }

    public DateTimeOffset? AnsweredAt { get; init; }

    /// <summary>When the state was last changed.</summary>
    public DateTimeOffset? ChangedAt { get; init; }

    public DisposalFacet After(object fact, DateTimeOffset at) => fact switch
    {
        AssetDisposalOpened opened => Become(AssetDisposalState.Provisional, at) with
        {
            ProvisionalCost = opened.ProvisionalCost,
            Currency = opened.Currency,
        },
        AssetDisposalRevalued revalued => this with
        {
            ReplacementCost = ReplacementCost ?? ProvisionalCost,
            ReplacementCurrency = ReplacementCurrency ?? Currency,
            ProvisionalCost = revalued.ProvisionalCost,
            Currency = revalued.Currency,
            ChangedAt = at,
        },
        AssetDisposalPosted posted => Become(AssetDisposalState.Posted, at) with
        {
            DisposalLoss = posted.DisposalLoss,
            RecoveredValue = posted.RecoveredValue,
            Currency = posted.Currency,
        },
        AssetDisposalReversed reversed => Become(AssetDisposalState.Reversed, at) with { Note = reversed.Reason },
        _ => this,
    };

    private DisposalFacet Become(AssetDisposalState state, DateTimeOffset at) =>
        this with { State = state, AnsweredAt = AnsweredAt ?? at, ChangedAt = at };
}
