namespace EseErp.Messaging;

/// <summary>An event, or a transaction as a whole, took longer than it may. Nothing of it is applied, unless its commit was on the way already.</summary>
/// <param name="delivery">The event that was being applied; null where that was not one event alone.</param>
internal sealed class TooSlowException(Delivery? delivery, TimeSpan limit) : Exception($"It took longer than {limit.TotalSeconds:0.###} s.")
{
    public Delivery? Delivery { get; } = delivery;
}

/// <summary>How long a transaction may take.</summary>
/// <param name="Whole">Its beginning, and again its end: what concerns all of its events.</param>
/// <param name="Event">Each event in between.</param>
internal readonly record struct TimeLimits(TimeSpan Whole, TimeSpan Event);

/// <summary>Cancels what takes longer than it may.</summary>
internal sealed class TimeLimit : IDisposable
{
    private readonly CancellationToken _outer;
    private readonly CancellationTokenSource _limited;
    private TimeSpan _limit;
    private Delivery? _delivery;

    public TimeLimit(CancellationToken outer) => (_outer, _limited) = (outer, CancellationTokenSource.CreateLinkedTokenSource(outer));

    /// <summary>Cancelled when the time is up, or when the work as a whole is to end.</summary>
    public CancellationToken Token => _limited.Token;

    /// <summary>Whether it is this limit that ended the work.</summary>
    public bool IsOver => _limited.IsCancellationRequested && !_outer.IsCancellationRequested;

    /// <summary>Another part of the work begins, with time of its own.</summary>
    /// <param name="delivery">The event that it is about; null where it is about several.</param>
    public void Begin(TimeSpan limit, Delivery? delivery)
    {
        // The part before may have been too long without having looked at the token.
        ThrowIfOver();
        (_limit, _delivery) = (limit, delivery);
        _limited.CancelAfter(limit);
    }

    /// <summary>What ended the work.</summary>
    public TooSlowException Exception() => new(_delivery, _limit);

    public void ThrowIfOver()
    {
        if (IsOver) throw Exception();
    }

    public void Dispose() => _limited.Dispose();
}
