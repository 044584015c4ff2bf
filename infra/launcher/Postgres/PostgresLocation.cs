using System.Security.Cryptography;
using System.Text;
using EseErp.Launcher.Supervision;

namespace EseErp.Launcher.Postgres;

/// <summary>Where a private cluster keeps its data: in the work directory, or beside it where its owner could not get at that.</summary>
internal static class PostgresLocation
{
    private const string Outside = "/var/tmp";

    /// <summary>The directory in use, without choosing one: null before the first start.</summary>
    public static string? Known(string workDirectory)
    {
        if (Recorded(workDirectory) is { } recorded && IsOwn(workDirectory, recorded))
            return recorded;
        var inside = Path.Combine(workDirectory, "postgres");
        return Directory.Exists(inside) ? inside : null;
    }

    public static async Task<string> ChooseAsync(string workDirectory, PostgresOwner owner, CancellationToken cancellationToken)
    {
        var inside = Path.Combine(workDirectory, "postgres");
        if (Recorded(workDirectory) is { } recorded && IsOwn(workDirectory, recorded) && await owner.TakeDirectoryAsync(recorded, cancellationToken))
            return recorded;
        if (await owner.TakeDirectoryAsync(inside, cancellationToken))
            return inside;

        // The checkout lies below a directory that only root may enter.
        Directory.Delete(inside, recursive: true);
        var outside = Path.Combine(Outside, $"ese-{WorkPlace.Claim(workDirectory, _ => { }).Id}");
        if (!await owner.TakeDirectoryAsync(outside, cancellationToken))
            throw new LauncherException($"The user of PostgreSQL can reach neither {inside} nor {outside}.");
        TextFiles.Replace(RecordOf(workDirectory), outside);
        return outside;
    }

    /// <summary>Lets data outside of the work directory be somebody else's; returns where they are.</summary>
    public static string? Forget(string workDirectory)
    {
        var recorded = Recorded(workDirectory);
        File.Delete(RecordOf(workDirectory));
        return recorded;
    }

    /// <summary>A work directory that does not say where it was may be a copy: then data outside are told by its path.</summary>
    public static void ForgetUnlessOfThisPath(string workDirectory, Action<string> report)
    {
        if (Recorded(workDirectory) is { } recorded && !IsOwn(workDirectory, recorded))
            report($"The data in {Forget(workDirectory)} belong to a checkout at another path and stay unchanged; this one begins with no data.");
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

    private static string? Recorded(string workDirectory) => TextFiles.Read(RecordOf(workDirectory))?.Trim() is { Length: > 0 } path ? path : null;

    private static bool IsOwn(string workDirectory, string recorded) => WorkPlace.Recorded(workDirectory) is null
        ? recorded == NamedAfterPath(workDirectory)
        : WorkPlace.OriginalOf(workDirectory) is null;

    /// <summary>As data outside were named before a work directory said where it is.</summary>
    private static string NamedAfterPath(string workDirectory)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(workDirectory)));
        return Path.Combine(Outside, $"ese-{Convert.ToHexStringLower(hash)[..16]}");
    }
}
