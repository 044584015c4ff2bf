namespace EseErp.ServiceDefaults;

/// <summary>
/// <c>{team}.ndjson</c>, always the current file; when it is full it becomes <c>{team}.1.ndjson</c>, that one
/// <c>{team}.2.ndjson</c>, and the oldest goes. A second replica on the same machine finds the file taken and writes
/// <c>{team}-2.ndjson</c>: each name has a lock file, which the system frees when its process dies, however it dies.
/// </summary>
internal sealed class LogFile : IDisposable
{
    private const int MostReplicas = 64;

    private readonly string directory;
    private readonly long rollAt;
    private readonly int kept;
    private readonly MemoryStream buffer = new();
    private readonly FileStream nameLock;
    private readonly string name;
    private FileStream? current;

    public LogFile(string directory, string team, long rollAt, int kept)
    {
        (this.directory, this.rollAt, this.kept) = (directory, rollAt, kept);
        Directory.CreateDirectory(directory);
        (name, nameLock) = TakeName(directory, team);
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
            if (!File.Exists(PathOf(0))) Close(); // someone cleaned up the directory
            current ??= Open();
            current.Write(buffer.GetBuffer(), 0, (int)buffer.Length);
            if (current.Length >= rollAt) Roll();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A full disk must not end the service; the next batch tries again.
            Close();
        }
    }

    public void Dispose()
    {
        Close();
        nameLock.Dispose();
        buffer.Dispose();
    }

    private static (string Name, FileStream Lock) TakeName(string directory, string team)
    {
        for (var replica = 1; ; replica++)
        {
            var name = replica == 1 ? team : $"{team}-{replica}";
            try
            {
                return (name, new FileStream(Path.Combine(directory, $".{name}.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException) when (replica < MostReplicas)
            {
                // Taken by another replica.
            }
        }
    }

    /// <summary>Without a buffer: each batch is one write.</summary>
    private FileStream Open() => new(PathOf(0), FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);

    private void Close()
    {
        current?.Dispose();
        current = null;
    }

    private void Roll()
    {
        Close();
        for (var age = kept; age > 0; age--)
        {
            if (File.Exists(PathOf(age - 1))) File.Move(PathOf(age - 1), PathOf(age), overwrite: true);
        }

        if (kept == 0) File.Delete(PathOf(0));
    }

    private string PathOf(int age) => Path.Combine(directory, age == 0 ? $"{name}.ndjson" : $"{name}.{age}.ndjson");
}
