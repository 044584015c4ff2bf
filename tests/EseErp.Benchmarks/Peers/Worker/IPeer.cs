using EseErp.Contracts.UserSupport;

namespace EseErp.Benchmarks;

/// <summary>What a worker is told before it starts.</summary>
/// <param name="Team">The team's database.</param>
/// <param name="Publisher">The publisher's database; ours alone has one.</param>
/// <param name="Broker">The broker's database as the team sees it; ours alone has one.</param>
/// <param name="PublisherBroker">The broker's database as the publisher sees it; ours alone has one.</param>
/// <param name="Consumes">This process is the team.</param>
/// <param name="Publishes">This process files the requests.</param>
public sealed record PeerPlan(string Team, string Publisher, string Broker, string PublisherBroker, bool Consumes, bool Publishes);

/// <summary>
/// One way to do the work: a team takes a <see cref="RefundRequest"/>, writes one row, records one fact beside it and
/// publishes that fact. Requests are filed by another process of the same way.
/// </summary>
public interface IPeer : IAsyncDisposable
{
    /// <summary>How it is set up, for the report.</summary>
    string Settings { get; }

    Task Start(PeerPlan plan, CancellationToken cancellationToken);

    /// <summary>Files one request as durably as this way files requests.</summary>
    Task Publish(RefundRequest request);

    /// <summary>Files many before the clock runs, in whatever manner is quickest.</summary>
    Task Fill(IReadOnlyList<RefundRequest> requests);

    /// <summary>The team takes nothing more from its queue until <see cref="Resume"/>; returns when what it had taken is done.</summary>
    Task Pause();

    Task Resume();

    /// <summary>The facts that a receiver in this process has heard, where no table shows them: return id and microseconds since 1970.</summary>
    IReadOnlyList<HeardFact>? Heard => null;
}

/// <summary>A fact that reached a receiver.</summary>
/// <param name="At">Microseconds since 1970.</param>
public sealed record HeardFact(string ReturnId, long At);
