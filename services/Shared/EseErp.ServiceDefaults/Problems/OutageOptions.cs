namespace EseErp.ServiceDefaults;

/// <summary>
/// Which failures mean that something a service works with is down for the moment. They are answered 503: the same request,
/// with the same Idempotency-Key, may be sent again.
/// </summary>
public sealed class OutageOptions
{
    /// <summary>Added to by whoever brings in such a thing: the event store its database, the messaging its broker.</summary>
    public IList<Func<Exception, bool>> Signs { get; } = [];
}
