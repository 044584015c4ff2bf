using EseErp.Launcher;

namespace EseErp.Benchmarks;

/// <summary>One way to do the work, as the orchestrator sees it.</summary>
/// <param name="Key">The worker's argument.</param>
/// <param name="Name">For the report.</param>
/// <param name="Rows">Query in the team's database: the return id of every row.</param>
/// <param name="Facts">Query in the team's database: the return id of every recorded fact.</param>
/// <param name="Published">
/// Query in <see cref="PeerDatabases.Published"/>: return id of every published fact and <c>xmin</c> of the row that holds it. Null: only the process knows.
/// </param>
internal sealed record PeerWay(string Key, string Name, string Rows, string Facts, string? Published)
{
    public const string Ours = "ours";

    public bool IsOurs => Key == Ours;

    /// <summary>Promises nothing and is no peer.</summary>
    public bool IsBound => Published is null;

    /// <summary>Of the project with the packages of others.</summary>
    public bool IsForeign => !IsOurs && !IsBound;

    /// <summary>How long nothing has to change after a kill until it is taken that nothing will; some look for what a dead process left only now and then.</summary>
    public TimeSpan Quiet => IsBound ? TimeSpan.FromSeconds(5) : TimeSpan.FromSeconds(75);

    /// <summary>The program that its workers are.</summary>
    public string Program => IsForeign
        ? Path.Combine(Checkout.Root, "tests", "EseErp.Benchmarks.Peers", Checkout.BuiltInto, "EseErp.Benchmarks.Peers.dll")
        : typeof(PeerWay).Assembly.Location;
}

/// <summary>All ways there are.</summary>
internal static class PeerCatalogue
{
    private const string Rows = "select return_id from peer_intakes", Facts = "select return_id from peer_facts";

    // The return id is the only thing of its form in a message.
    private const string ReturnIdOfBody = "substring(encode(body, 'escape') from 'RMA-[0-9]+-[0-9]+')";

    public static IReadOnlyList<PeerWay> All { get; } =
    [
        new(
            PeerWay.Ours, "EseErp", Rows, "select subject from ese.event_log",
            $"select r.key, r.xmin from records r join topics t on t.id = r.topic_id where t.name = '{Contracts.Topics.Sales}'"),
        new("wolverine", "Wolverine", Rows, Facts, $"select {ReturnIdOfBody}, xmin from wolverine_queues.wolverine_queue_facts"),
        new("wolverine-batched", "Wolverine, batched handler", Rows, Facts, $"select {ReturnIdOfBody}, xmin from wolverine_queues.wolverine_queue_facts"),
        new("rebus", "Rebus", Rows, Facts, $"select {ReturnIdOfBody}, xmin from messages where recipient = 'facts'"),
        new(
            "marten", "Marten's daemon", "select data ->> 'ReturnId' from mt_doc_martenintake",
            "select stream_id from mt_events where type = 'order_refund_authorized'", "select return_id, xmin from published_facts"),
        new("in-memory", "MassTransit in memory", Rows, Facts, null),
        new("in-memory-batched", "MassTransit in memory, batches", Rows, Facts, null),
    ];

    /// <summary>Those whose workers are this program.</summary>
    public static IReadOnlyDictionary<string, Func<IPeer>> Here { get; } = new Dictionary<string, Func<IPeer>>
    {
        [PeerWay.Ours] = () => new OursPeer(),
        ["in-memory"] = () => new InMemoryPeer(batches: false),
        ["in-memory-batched"] = () => new InMemoryPeer(batches: true),
    };
}
