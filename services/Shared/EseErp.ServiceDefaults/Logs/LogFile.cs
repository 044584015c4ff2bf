namespace EseErp.ServiceDefaults;

/// <summary>
/// <c>{team}.ndjson</c>, always the current file; when it is full it becomes <c>{team}.1.ndjson</c>, that one
/// <c>{team}.2.ndjson</c>, and the oldest goes. A second replica on the same machine finds the file taken and writes
/// <c>{team}-2.ndjson</c>; the system frees the name when its process dies, however it dies.
/// </summary>
internal sealed class LogFile : IDisposable
{
    private const int MostReplicas = 64;

    private readonly string directory;
    private readonly string team;
    private readonly long rollAt;
    private readonly int kept;
    private readonly MemoryStream buffer = new();
    private string name = string.Empty;
    private FileStream? current;

    public LogFile(string directory, string team, long rollAt, int kept)
    {
        (this.directory, this.team, this.rollAt, this.kept) = (directory, team, rollAt, kept);
        Directory.CreateDirectory(directory);
        current = Open();
    }

    /// <summary>Hands the entries to the operating system, so that they outlive the process.</summary>
    public void Append(IReadOnlyList<LogEntry> entries)
    {
        buffer.SetLength(0);
        foreach (var entry in entries)
        {
            buffer.Write(entry.Json.Span);
            buffer.WriteByte((byte)'\n');
        }

        try
        {
            current ??= Open();
            current.Write(buffer.GetBuffer(), 0, (int)buffer.Length);
            if (current.Length >= rollAt) Roll();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A full disk must not end the service; the next batch tries again.
            current?.Dispose();
            current = null;
        }
    }

    public void Dispose() => current?.Dispose();

    private FileStream Open()
    {
        for (var replica = 1; ; replica++)
        {
            name = replica == 1 ? team : $"{team}-{replica}";
            try
            {
                // FileShare.Read: readers may look, another writer may not. No buffer, each batch is one write.
                var stream = new FileStream(PathOf(0), FileMode.Append, FileAccess.Write, FileShare.Read | FileShare.Delete, bufferSize: 0);
                return stream;
            }
            catch (IOException) when (replica < MostReplicas && File.Exists(PathOf(0)))
            {
                // Taken by another replica.
            }
        }
    }

    private void Roll()
    {
        // Renamed while still held, so that no other replica takes the name in between.
        for (var age = kept; age > 0; age--)
        {
            if (File.Exists(PathOf(age - 1))) File.Move(PathOf(age - 1), PathOf(age), overwrite: true);
        }

        if (kept == 0) File.Delete(PathOf(0));
        current?.Dispose();
        current = null;
        current = Open();
    }

    private string PathOf(int age) => Path.Combine(directory, age == 0 ? $"{name}.ndjson" : $"{name}.{age}.ndjson");
}
