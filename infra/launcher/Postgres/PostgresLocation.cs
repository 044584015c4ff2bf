using System.Security.Cryptography;
using System.Text;
using EseErp.Launcher.Supervision;

namespace EseErp.Launcher.Postgres;

/// <summary>Where a private cluster keeps its data: in the work directory, or beside it where its owner could not get at that.</summary>
internal static class PostgresLocation
{
    /// <summary>The directory in use, without choosing one: null before the first start.</summary>
    public static string? Known(string workDirectory)
    {
        var recorded = TextFiles.Read(RecordOf(workDirectory))?.Trim();
        if (!string.IsNullOrEmpty(recorded))
            return recorded;
        var inside = Path.Combine(workDirectory, "postgres");
        return Directory.Exists(inside) ? inside : null;
    }

    public static async Task<string> ChooseAsync(string workDirectory, PostgresOwner owner, CancellationToken cancellationToken)
    {
        var record = RecordOf(workDirectory);
        var inside = Path.Combine(workDirectory, "postgres");
        var outside = OutsideOf(workDirectory);
        if (TextFiles.Read(record)?.Trim() == outside && await owner.TakeDirectoryAsync(outside, cancellationToken))
            return outside;
        if (await owner.TakeDirectoryAsync(inside, cancellationToken))
            return inside;

        // The checkout lies below a directory that only root may enter. What is at the place outside, but not recorded
        // here, belongs to an earlier checkout at the same path.
        Directory.Delete(inside, recursive: true);
        await RemoveAsync(outside);
        if (!await owner.TakeDirectoryAsync(outside, cancellationToken))
            throw new LauncherException($"Neither {inside} nor {outside} can be reached by the user PostgreSQL runs as.");
        TextFiles.Replace(record, outside);
        return outside;
    }

    /// <summary>Stops what still runs on the data, and deletes it.</summary>
    public static async Task RemoveAsync(string directory)
    {
        if (!Directory.Exists(directory))
            return;
        if (PostmasterFile.Read(Path.Combine(directory, "data")) is { } postmaster)
            await postmaster.Process.EndAsync(Signals.Quit, TimeSpan.FromSeconds(10));
        Directory.Delete(directory, recursive: true);
    }

    private static string RecordOf(string workDirectory) => Path.Combine(workDirectory, "postgres-data-path");

    private static string OutsideOf(string workDirectory)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(workDirectory)));
        return Path.Combine("/var/tmp", $"ese-{Convert.ToHexStringLower(hash)[..16]}");
    }
}
