using EseErp.DemoData;

namespace EseErp.Lab.Returns;

/// <summary>What has to become of a return.</summary>
internal enum ReturnFate
{
    /// <summary>It is accepted, and goes all the way.</summary>
    Completes,

    /// <summary>It is accepted, and its item never comes back.</summary>
    Stuck,

    /// <summary>Sales has to decline it.</summary>
    Declined,

    /// <summary>It is not well formed, and User Support has to refuse it.</summary>
    Refused,
}

/// <summary>One return that is filed.</summary>
/// <param name="Mode"><c>event</c>, <c>traditional</c> or <c>traditional-async</c>.</param>
internal sealed record PlannedReturn(DemoReturn Device, string Mode, string Resolution, string ReplacementTiming, ReturnFate Fate)
{
    public const string Event = "event";
    public const string Traditional = "traditional";
    public const string TraditionalAsync = "traditional-async";

    public bool IsAcceptable => Fate is ReturnFate.Completes or ReturnFate.Stuck;

    public bool WantsMoney => Resolution != "Replace";

    public bool WantsReplacement => Resolution != "Refund";

    /// <summary>Whether User Support drives it, whoever waits.</summary>
    public bool IsTraditional => Mode != Event;
}

/// <summary>How many of the returns are of which kind, each from 0 to 1.</summary>
internal sealed record ReturnMix
{
    /// <summary>Filed in traditional mode, by callers who wait.</summary>
    public double Traditional { get; init; }

    /// <summary>Filed in traditional mode, by callers who do not wait; the rest in event mode.</summary>
    public double TraditionalAsync { get; init; }

    /// <summary>Sales has to decline them.</summary>
    public double Declined { get; init; } = 0.03;

    /// <summary>Not well formed.</summary>
    public double Refused { get; init; }

    /// <summary>Accepted, and their items never come back.</summary>
    public double Stuck { get; init; }

    /// <summary>Want money only.</summary>
    public double Refund { get; init; } = 0.15;

    /// <summary>Want another device only.</summary>
    public double Replace { get; init; } = 0.15;

    /// <summary>Get the other device before theirs is back.</summary>
    public double Advance { get; init; } = 0.25;
}

/// <summary>One request to User Support: a single return, or a batch.</summary>
/// <param name="Key">Its <c>Idempotency-Key</c>, the same for every attempt.</param>
/// <param name="First">How many returns were planned before it.</param>
internal sealed record PlannedRequest(IReadOnlyList<PlannedReturn> Returns, string Key, int First, bool IsBatch)
{
    public static PlannedRequest Single(PlannedReturn planned, string key, int number) => new([planned], key, number, IsBatch: false);
}
