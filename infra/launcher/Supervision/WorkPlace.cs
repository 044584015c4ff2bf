using System.Runtime.InteropServices;
using System.Text.Json;
using EseErp.Launcher.Kafka;
using EseErp.Launcher.Postgres;

namespace EseErp.Launcher.Supervision;

/// <summary>
/// Where a work directory says that it is, in <c>place.json</c>: so a checkout that was moved is told from one that was copied. What
/// was moved keeps everything that is its own, also outside of it; a copy has only what was copied.
/// </summary>
/// <param name="Id">Goes along when it is moved; a copy gets another one.</param>
/// <param name="Path">Where it was started last.</param>
internal sealed record WorkPlace(string Id, string Path)
{
    /// <summary>What the work directory says; null before its first start.</summary>
    public static WorkPlace? Recorded(string workDirectory)
    {
        try
        {
            return TextFiles.Read(FileIn(workDirectory)) is { } text ? JsonSerializer.Deserialize<WorkPlace>(text) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The work directory that this one is a copy of; null when it is none, or the other one is no longer there.</summary>
    public static string? OriginalOf(string workDirectory) =>
        Recorded(workDirectory) is { } place && place.Path != RealPath(workDirectory) && Recorded(place.Path)?.Id == place.Id ? place.Path : null;

    /// <summary>Makes this its place. Of a copy, gives up what belongs to the original or was copied while it was being written.</summary>
    /// <param name="report">Hears what was done, if anything.</param>
    public static WorkPlace Claim(string workDirectory, Action<string> report)
    {
        var (here, recorded) = (RealPath(workDirectory), Recorded(workDirectory));
        if (recorded?.Path == here)
            return recorded;
        if (OriginalOf(workDirectory) is { } original)
        {
            report($"This is a copy of {original}; the processes and data of the original stay unchanged.");
            GiveUpWhatIsNotCopied(workDirectory, report);
            recorded = null;
        }
        else if (recorded is not null)
        {
            report($"This was moved here from {recorded.Path}; it keeps its data.");
        }
        else
        {
            PostgresLocation.ForgetUnlessOfThisPath(workDirectory, report);
        }

        var place = new WorkPlace(recorded?.Id ?? Guid.NewGuid().ToString("N")[..16], here);
        TextFiles.Replace(FileIn(workDirectory), JsonSerializer.Serialize(place));
        return place;
    }

    /// <summary>The path without symbolic links, as the operating system shows it for its processes.</summary>
    public static string RealPath(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        var resolved = ResolvePath(full, 0);
        if (resolved == 0)
            return full;
        var text = Marshal.PtrToStringUTF8(resolved);
        Free(resolved);
        return text ?? full;
    }

    private static void GiveUpWhatIsNotCopied(string workDirectory, Action<string> report)
    {
        if (PostgresLocation.Forget(workDirectory) is { } data)
            report($"Its data are outside of it, in {data}, so this one begins with no data.");
        if (LocalKafkaFiles.ForgetUnlessInside(workDirectory))
            report("Its Kafka in Docker stays with the original.");
        var directory = System.IO.Path.Combine(workDirectory, "postgres");
        if (!File.Exists(PostmasterFile.PathIn(System.IO.Path.Combine(directory, "data"))))
            return;
        // Files that were written meanwhile do not fit together, and nothing would say so.
        foreach (var torn in new[] { directory, System.IO.Path.Combine(workDirectory, "kafka") }.Where(Directory.Exists))
        {
            var aside = $"{torn}.copied-while-running";
            if (Directory.Exists(aside))
                Directory.Delete(aside, recursive: true);
            Directory.Move(torn, aside);
        }

        report($"It was running when it was copied, or had been killed, so the copied data may be inconsistent. They are set aside in {directory}.copied-while-running, and this one begins with no data.");
    }

    private static string FileIn(string workDirectory) => System.IO.Path.Combine(workDirectory, "place.json");

    [DllImport("libc", EntryPoint = "realpath")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint ResolvePath([MarshalAs(UnmanagedType.LPUTF8Str)] string path, nint into);

    [DllImport("libc", EntryPoint = "free")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void Free(nint text);
}
