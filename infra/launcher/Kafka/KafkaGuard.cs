using EseErp.Launcher.Supervision;

namespace EseErp.Launcher.Kafka;

/// <summary>
/// Stops Kafka when the launcher has ended without doing so, even by kill -9: a small shell process that waits on a pipe
/// whose other end only the launcher holds. If the guard is killed too, the next start ends what it finds.
/// </summary>
internal sealed class KafkaGuard : IDisposable
{
    private const string WaitForTheEnd =
        """
        trap '' INT TERM HUP
        while IFS= read -r line; do
            if [ "$line" = done ]; then exit 0; fi
        done

        """;

    private const string StopServers =
        WaitForTheEnd +
        """
        directory=$1
        launch=$2
        record() { cat "$directory/$1-$launch.pid" 2>/dev/null; }
        alive() {
            [ -n "$2" ] && kill -0 "$2" 2>/dev/null || return 1
            # By now the id may be another program's, or that of a process that only waits to be collected.
            [ -d /proc/self ] || return 0
            tr '\0' ' ' <"/proc/$2/cmdline" 2>/dev/null | grep -qF -- "$directory/$1.properties"
        }
        end() {
            for attempt in $(seq 1 60); do
                if ! alive "$1" "$2"; then break; fi
                if [ "$attempt" = 1 ]; then kill -TERM "$2"; fi
                if [ "$attempt" = 40 ]; then kill -KILL "$2"; fi
                sleep 0.25
            done
        }
        kafka=
        zookeeper=
        # More than once: the launcher may have gone while one of them was just starting.
        for round in 1 2 3 4; do
            # Both before either is ended: whoever deletes the directory meanwhile deletes the records too.
            if [ -z "$kafka" ]; then kafka=$(record kafka); fi
            if [ -z "$zookeeper" ]; then zookeeper=$(record zookeeper); fi
            end kafka "$kafka"
            end zookeeper "$zookeeper"
            sleep 0.25
        done
        rm -f "$directory/kafka-$launch.pid" "$directory/zookeeper-$launch.pid"
        """;

    private const string RunCommand =
        WaitForTheEnd +
        """
        exec "$@"
        """;

    private readonly ChildProcess _process;

    private KafkaGuard(ChildProcess process) => _process = process;

    /// <summary>For the servers of one launch in this directory.</summary>
    public static KafkaGuard OfServers(string directory, string launch, string log) =>
        new(ChildProcess.Start(["/bin/sh", "-c", StopServers, "ese-kafka-guard", directory, launch], log));

    /// <summary>For what a command stops.</summary>
    public static KafkaGuard Running(IReadOnlyList<string> command, IReadOnlyDictionary<string, string?> environment, string log) =>
        new(ChildProcess.Start(["/bin/sh", "-c", RunCommand, "ese-kafka-guard", .. command], log, environment: environment));

    /// <summary>Sends the guard home without touching Kafka.</summary>
    public void Dispose()
    {
        _process.Tell("done");
        _process.CloseInput();
        _process.Dispose();
    }
}
