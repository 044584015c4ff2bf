using EseErp.Launcher.Supervision;

namespace EseErp.Launcher.Postgres;

/// <summary>Whom PostgreSQL runs as: the caller, or an unprivileged user when the caller is root, because it refuses root.</summary>
internal sealed class PostgresOwner
{
    private static readonly string[] s_users = ["postgres", "ese-postgres"];

    private readonly string? _user;
    private readonly string[] _asOwner;

    private PostgresOwner(string? user, string[] asOwner)
    {
        _user = user;
        _asOwner = asOwner;
    }

    public bool IsOtherUser => _user is not null;

    public static async Task<PostgresOwner> ChooseAsync(CancellationToken cancellationToken)
    {
        if (!Environment.IsPrivilegedProcess)
            return new PostgresOwner(null, []);

        var users = File.ReadLines("/etc/passwd").Select(line => line.Split(':')[0]).ToHashSet();
        var user = s_users.FirstOrDefault(users.Contains);
        if (user is null)
        {
            user = "ese-postgres";
            var created = await SystemCommand.RunAsync(
                [SystemCommand.Find("useradd") ?? "useradd", "--system", "--user-group", "--no-create-home", "--shell", "/bin/false", user],
                cancellationToken: cancellationToken);
            if (!created.Succeeded)
                throw new LauncherException($"PostgreSQL refuses to run as root, and the user '{user}' could not be created: {created.Output}");
        }

        if (SystemCommand.Find("setpriv") is { } setpriv)
        {
            var group = (await SystemCommand.RunAsync([SystemCommand.Find("id") ?? "id", "-g", user], cancellationToken: cancellationToken)).Output.Trim();
            return new PostgresOwner(user, [setpriv, $"--reuid={user}", $"--regid={group}", "--clear-groups", "--"]);
        }

        if (SystemCommand.Find("runuser") is { } runuser)
            return new PostgresOwner(user, [runuser, "-u", user, "--"]);
        throw new LauncherException("PostgreSQL refuses to run as root, and neither setpriv nor runuser (package util-linux) was found to start it as another user.");
    }

    /// <summary>The same command, run as the owner.</summary>
    public IReadOnlyList<string> Command(params IEnumerable<string> command) => [.. _asOwner, .. command];

    /// <summary>Makes a directory that belongs to the owner; returns whether the owner can reach it.</summary>
    public async Task<bool> TakeDirectoryAsync(string path, CancellationToken cancellationToken)
    {
        if (_user is null || OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return true;
        }

        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var given = await SystemCommand.RunAsync(["chown", $"{_user}:", path], cancellationToken: cancellationToken);
        if (!given.Succeeded)
            return false;
        var tried = await SystemCommand.RunAsync(Command("/bin/sh", "-c", "cd \"$0\" && test -w .", path), cancellationToken: cancellationToken);
        return tried.Succeeded;
    }
}
