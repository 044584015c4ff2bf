using System.Collections.Concurrent;
using System.Diagnostics;

namespace EseErp.Testing;

/// <summary>Hears every command that this process sends to one database, from the driver's own traces.</summary>
public sealed class Queries : IDisposable
{
    private readonly ConcurrentQueue<string> _heard = [];
    private readonly ActivityListener _listener;

    /// <param name="connectionString">Leads to the database.</param>
    public Queries(string connectionString)
    {
        var database = new Npgsql.NpgsqlConnectionStringBuilder(connectionString).Database;
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (activity.GetTagItem("db.namespace") is string named && named.Contains(database!, StringComparison.Ordinal) && activity.GetTagItem("db.query.text") is string text)
                    _heard.Enqueue(text);
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>How many commands so far that only read and name this table.</summary>
    public int Of(string table) => _heard.Count(text => text.Contains(table, StringComparison.Ordinal) && text.TrimStart().StartsWith("select", StringComparison.OrdinalIgnoreCase));

    public void Dispose() => _listener.Dispose();
}
