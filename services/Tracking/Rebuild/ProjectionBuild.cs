using EseErp.EventStore;
using Npgsql;

namespace EseErp.Tracking.Rebuild;

/// <summary>The projection was emptied after this replica joined its consumer group.</summary>
public sealed class ProjectionReplacedException() : Exception("The projection is being rebuilt; this replica's place in the log is out of date.");

/// <summary>
/// The build of the projection that this replica's pump works on. While another replica rebuilds it, a batch read from an
/// old place in the log must not get in.
/// </summary>
public sealed class ProjectionBuild
{
    private volatile int _joined;

    /// <summary>The build that was valid when the pump joined.</summary>
    public int Joined
    {
        get => _joined;
        set => _joined = value;
    }

    /// <summary>
    /// Has a batch of an earlier build refused in its first round trip. The batch has entered its events in the inbox by then, and emptying
    /// the projection empties the inbox before it changes the build: so the build cannot change any more until this batch is committed.
    /// </summary>
    public void Check(BatchReads reads) => reads.Add(
        "select build from projection where name = $1",
        parameters => parameters.Add(new NpgsqlParameter<string> { TypedValue = Projection.Returns }),
        async (reader, cancellationToken) =>
        {
            if (!await reader.ReadAsync(cancellationToken) || reader.GetInt32(0) != Joined) throw new ProjectionReplacedException();
        });
}
