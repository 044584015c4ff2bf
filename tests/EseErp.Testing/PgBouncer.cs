using System.Diagnostics;
using Npgsql;

namespace EseErp.Testing;

/// <summary>A real PgBouncer between a test and its PostgreSQL; goes when it is disposed of, or with this process.</summary>
public sealed class PgBouncer : IAsyncDisposable
{
    private static readonly string[] Places = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer", "/opt/homebrew/bin/pgbouncer"];

    private readonly Process _guard;
    private readonly int _port;

    private PgBouncer(Process guard, int port) => (_guard, _port) = (guard, port);

    /// <summary>Starts one for the roles of these connection strings.</summary>
    /// <param name="settings">Lines of its configuration, such as <c>pool_mode = transaction</c>.</param>
    public static async Task<PgBouncer> Start(IReadOnlyCollection<string> connections, params string[] settings)
    {
        var program = Places.FirstOrDefault(File.Exists) ?? throw new InvalidOperationException("PgBouncer is not installed; ./ese test installs it.");
        var server = new NpgsqlConnectionStringBuilder(connections.First());
        var (directory, port) = (ThrowAwayDirectory.Create(), FreePort.Find());
        await File.WriteAllLinesAsync(Path.Combine(directory, "users.txt"), connections.Select(connection => new NpgsqlConnectionStringBuilder(connection)).Select(role => $"\"{role.Username}\" \"{role.Password}\"").Distinct());
        await File.WriteAllLinesAsync(Path.Combine(directory, "pgbouncer.ini"),
        [
            "[databases]", $"* = host={server.Host} port={server.Port}",
            "[pgbouncer]", "listen_addr = 127.0.0.1", $"listen_port = {port}", "unix_socket_dir =", "auth_type = trust", $"auth_file = {directory}/users.txt", .. settings,
        ]);
        // It refuses to be root, as PostgreSQL does.
        var asWhom = Environment.IsPrivilegedProcess ? "-u postgres" : "";
        if (Environment.IsPrivilegedProcess) await Process.Start("chown", ["-R", "postgres:", directory]).WaitForExitAsync();
        var guard = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"{program} -q {asWhom} {directory}/pgbouncer.ini >{directory}/output 2>&1 & read -r line; kill -9 $!"])
        {
            RedirectStandardInput = true,
        })!;
        var bouncer = new PgBouncer(guard, port);
        await Eventually.Within(TimeSpan.FromSeconds(20), async () =>
        {
            using var client = new System.Net.Sockets.TcpClient();
            await client.ConnectAsync("127.0.0.1", port);
        }, "PgBouncer to listen");
        return bouncer;
    }

    /// <summary>The same connection, through it.</summary>
    public string Through(string connection) => new NpgsqlConnectionStringBuilder(connection) { Host = "127.0.0.1", Port = _port }.ConnectionString;

    public async ValueTask DisposeAsync()
    {
        _guard.StandardInput.Close();
        await _guard.WaitForExitAsync();
        _guard.Dispose();
    }
}
