namespace EseErp.EventStore;

/// <summary>What a team has on record, and what it was told instead.</summary>
public sealed record Difference(object? Known, object? Told);

/// <summary>
/// What a team is asked for or told contradicts what it has on record. It is never taken for what is there: an endpoint answers
/// 409 and says what differs, and an event becomes a dead letter at once, as to try it again would not help.
/// </summary>
public sealed class ConflictException : Exception
{
    private ConflictException(string message, IReadOnlyDictionary<string, Difference>? differences = null) : base(message) =>
        Differences = differences ?? new Dictionary<string, Difference>();

    /// <summary>By field, named as in the contract.</summary>
    public IReadOnlyDictionary<string, Difference> Differences { get; }

    /// <summary>Throws when a field is on record with another value than is told now.</summary>
    /// <param name="what">What the fields are of, such as "refund request of RMA-2026-000123".</param>
    public static void ThrowIfOther(string what, params ReadOnlySpan<(string Field, object? Known, object? Told)> fields)
    {
        Dictionary<string, Difference>? differences = null;
        foreach (var (field, known, told) in fields)
            if (!Equals(known, told)) (differences ??= []).Add(field, new Difference(known, told));
        if (differences is null) return;
        var said = string.Join("; ", differences.Select(field => FormattableString.Invariant($"{field.Key} is {field.Value.Known ?? "nothing"}, not {field.Value.Told ?? "nothing"}")));
        throw new ConflictException($"The {what} exists with other content: {said}.", differences);
    }

    /// <summary>Somebody drives a return by calls that is coordinated by events.</summary>
    public static ConflictException CoordinatedByEvents(string returnId) =>
        new($"The return {returnId} is coordinated by events: every team hears of it by itself, and nobody drives it by calls.");

    /// <summary>An event tells something of a return that is coordinated by calls.</summary>
    public static ConflictException CoordinatedByCalls(string returnId) =>
        new($"The return {returnId} is coordinated by calls here: no event has an effect on it.");

    /// <summary>Somebody drives a return by calls that has another driver.</summary>
    public static ConflictException DrivenByAnother(string returnId) =>
        new($"The return {returnId} is driven by User Support: what happens to it is reported there, and it is called off there.");

    /// <summary>A driver asks for a document that somebody else has opened.</summary>
    public static ConflictException OpenedByAnother(string returnId) => new(
        $"A document of {returnId} was opened here by somebody else.", new Dictionary<string, Difference> { ["driver"] = new("another", "this one") });

    /// <summary>No return has this id.</summary>
    public static ConflictException NoReturn(string returnId) => new($"User Support cannot have filed a return with the id '{returnId}'.");

    /// <summary>Whether an exception is one, or came of one.</summary>
    public static bool IsBehind(Exception? exception) => exception is not null && (exception is ConflictException || IsBehind(exception.InnerException));
}
