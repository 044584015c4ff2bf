using EseErp.Launcher.Supervision;

namespace EseErp.Launcher.Postgres;

/// <summary>The files of one cluster, and the commands that work on them.</summary>
internal sealed class PostgresCluster(string dataDirectory, IReadOnlyList<PostgresBinaries> installations, PostgresOwner owner)
{
    public string DataDirectory => dataDirectory;

    // Written by initdb's last step but one; read as the owner's files may not be ours to list.
    public bool IsInitialised => File.Exists(Path.Combine(dataDirectory, "PG_VERSION"));

    private PostgresBinaries Binaries
    {
        get
        {
            if (TextFiles.Read(Path.Combine(dataDirectory, "PG_VERSION"))?.Trim() is not { } version)
                return installations[0];
            return installations.FirstOrDefault(installation => $"{installation.MajorVersion}" == version)
                ?? throw new LauncherException(
                    $"The data in {dataDirectory} were written by PostgreSQL {version}, which is no longer installed; install it, or delete that directory to begin with no data.");
        }
    }

    public async Task InitialiseAsync(string administrator, string password, CancellationToken cancellationToken)
    {
        // Into a directory beside it, renamed when complete: an initdb that is interrupted leaves nothing half made.
        // The password goes through a file of the owner's: initdb takes it no other way.
        const string Script =
            """
            set -e
            umask 077
            rm -rf "$1.new"
            cat >"$1.password"
            trap 'rm -f "$1.password"' EXIT
            "$2" -D "$1.new" -U "$3" --pwfile="$1.password" -A scram-sha-256 -E UTF8 --locale=C --no-instructions
            rm -rf "$1"
            mv "$1.new" "$1"
            """;
        var result = await SystemCommand.RunAsync(
            owner.Command("/bin/sh", "-c", Script, "sh", dataDirectory, Binaries.InitDb, administrator), password + "\n", cancellationToken: cancellationToken);
        if (!result.Succeeded)
            throw new LauncherException($"PostgreSQL's data could not be created in {dataDirectory}:\n{result.Output}");
    }

    /// <summary>Sets a role's password while the server is stopped; needs no password, but the files.</summary>
    public async Task SetPasswordAsync(string role, string password, CancellationToken cancellationToken)
    {
        RemoveStalePostmasterFile();
        var result = await SystemCommand.RunAsync(
            owner.Command(Binaries.Postgres, "--single", "-D", dataDirectory, "postgres"),
            $"ALTER ROLE \"{role}\" PASSWORD '{password}'\n",
            cancellationToken: cancellationToken);
        if (!result.Succeeded || result.Output.Contains("ERROR", StringComparison.Ordinal))
            throw new LauncherException($"The password of PostgreSQL's role {role} could not be set:\n{result.Output}");
    }

    /// <summary>
    /// PostgreSQL believes its own leftover file when the id in it now belongs to some other process. Removing it is
    /// safe: a backend of the old server that is still alive is detected through its shared memory, not by this file.
    /// </summary>
    public void RemoveStalePostmasterFile()
    {
        if (PostmasterFile.Read(dataDirectory) is null)
            File.Delete(PostmasterFile.PathIn(dataDirectory));
    }

    public IReadOnlyList<string> StartCommand(int port, bool durable)
    {
        string[] settings =
        [
            $"port={port}",
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=300",
            "shared_buffers=256MB",
            "effective_cache_size=1GB",
            durable ? "fsync=on" : "fsync=off",
            durable ? "synchronous_commit=on" : "synchronous_commit=off",
            durable ? "full_page_writes=on" : "full_page_writes=off",
            // No replica is ever attached, so the log need not carry what only replicas read.
            "wal_level=minimal",
            "max_wal_senders=0",
            "max_wal_size=2GB",
            "checkpoint_timeout=10min",
            "random_page_cost=1.1",
            // Short statements by the thousand: compiling them costs more than it saves.
            "jit=off",
            "timezone=UTC",
            "log_timezone=UTC",
            "log_checkpoints=off",
            "logging_collector=off",
        ];
        return owner.Command([Binaries.Postgres, "-D", dataDirectory, .. settings.SelectMany(setting => new[] { "-c", setting })]);
    }
}
