using EseErp.Launcher.Supervision;

namespace EseErp.Launcher.Postgres;

/// <summary>
/// Stops PostgreSQL when the launcher has ended without doing so, even by kill -9: a small shell process that waits on
/// a pipe whose other end only the launcher holds. If the guard is killed too, the next start finds the cluster.
/// </summary>
internal sealed class PostgresGuard : IDisposable
{
    private const string Script =
        """
        trap '' INT TERM HUP
        data=$1
        pid=
        while IFS= read -r line; do
            if [ "$line" = done ]; then exit 0; fi
            pid=$line
        done
        recorded() { first=; read -r first <"$data/postmaster.pid"; } 2>/dev/null
        # The launcher may have gone while PostgreSQL was just starting.
        for attempt in 1 2 3 4 5 6 7 8 9 10; do
            if [ -n "$pid" ]; then break; fi
            recorded
            pid=$first
            if [ -z "$pid" ]; then sleep 0.3; fi
        done
        ours() { recorded; [ -n "$first" ] && [ "$first" = "$pid" ] && kill -0 "$pid" 2>/dev/null; }
        if ours; then kill -INT "$pid"; fi
        for attempt in $(seq 1 40); do
            if ! ours; then exit 0; fi
            sleep 0.25
        done
        kill -QUIT "$pid"
        """;

    private readonly ChildProcess _process;

    private PostgresGuard(ChildProcess process) => _process = process;

    public static PostgresGuard Start(string dataDirectory, string log) =>
        new(ChildProcess.Start(["/bin/sh", "-c", Script, "ese-postgres-guard", dataDirectory], log));

    public void Watch(int postmaster) => _process.Tell($"{postmaster}");

    /// <summary>Sends the guard home without touching PostgreSQL.</summary>
    public void Dispose()
    {
        _process.Tell("done");
        _process.CloseInput();
        _process.Dispose();
    }
}
