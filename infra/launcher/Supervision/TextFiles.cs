using System.Text;

namespace EseErp.Launcher.Supervision;

/// <summary>Small files that other processes read and write meanwhile.</summary>
internal static class TextFiles
{
    /// <summary>Replaces a file at once: a reader sees the old or the new content, never half of it.</summary>
    public static void Replace(string path, string content, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var pending = $"{path}.{Environment.ProcessId}.{Guid.NewGuid():N}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = mode;
        using (var stream = new FileStream(pending, options))
            stream.Write(Encoding.UTF8.GetBytes(content));
        File.Move(pending, path, overwrite: true);
    }

    public static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The last lines of a file that may be large and is still being written.</summary>
    public static string Tail(string path, int lines = 20)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            stream.Seek(-Math.Min(stream.Length, 32_768), SeekOrigin.End);
            using var reader = new StreamReader(stream);
            var all = reader.ReadToEnd().TrimEnd().Split('\n');
            return string.Join('\n', all.TakeLast(lines));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>Starts a fresh log, and keeps the previous one beside it.</summary>
    public static void Roll(string path)
    {
        if (File.Exists(path))
            File.Move(path, path + ".1", overwrite: true);
    }
}
