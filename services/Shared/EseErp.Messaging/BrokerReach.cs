using System.Globalization;
using EseErp.ServiceDefaults;

namespace EseErp.Messaging;

/// <summary>Records of a topic that the broker has dropped: whoever reads from the beginning does not get them.</summary>
/// <param name="Records">How many, since the topic began.</param>
public sealed record DroppedRecords(string Topic, long Records);

/// <summary>Whether a broker's records still reach back to the beginning of their topics.</summary>
public static class BrokerReach
{
    /// <summary>What the broker has dropped of these topics; nothing where it holds all that was ever published. Throws where the broker does not say.</summary>
    public static async Task<IReadOnlyList<DroppedRecords>> Dropped(this IBroker broker, IReadOnlyCollection<string> topics, CancellationToken cancellationToken) =>
        // A topic begins with offset 0, on both engines.
        (await broker.EndsNow(topics, cancellationToken)).GroupBy(end => end.Topic).Select(topic => new DroppedRecords(topic.Key, topic.Sum(end => end.Oldest)))
            .Where(topic => topic.Records > 0).OrderBy(topic => topic.Topic, StringComparer.Ordinal).ToList();

    /// <summary>409: what is asked for needs records that are gone. Nothing was changed.</summary>
    /// <param name="consequence">What would come of it, in a sentence.</param>
    public static ConflictProblem Refuse(IReadOnlyList<DroppedRecords> dropped, string consequence) => Problems.Conflict(
        $"The broker no longer has all records from the beginning. Dropped: {Say(dropped)}. {consequence} Nothing was changed. To accept that, pass acceptLoss=true.",
        new Dictionary<string, object?> { ["dropped"] = dropped });

    /// <summary>In words, such as <c>1,200 records of ese.sales.refunds</c>.</summary>
    public static string Say(IReadOnlyList<DroppedRecords> dropped) =>
        string.Join(", ", dropped.Select(topic => string.Create(CultureInfo.InvariantCulture, $"{topic.Records:N0} {(topic.Records == 1 ? "record" : "records")} of {topic.Topic}")));
}
