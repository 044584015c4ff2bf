using System.Text;

namespace EseErp.Launcher.Logs;

/// <summary>The log files of some teams, read in time order and followed as they grow.</summary>
internal sealed class TeamLogs(string directory, IReadOnlyList<string> teams, string? returnId)
{
    private readonly Dictionary<string, long> _positions = [];

    /// <summary>What is there now, in time order across files; a file is in time order itself.</summary>
    public IEnumerable<LogLine> Existing()
    {
        var next = new PriorityQueue<IEnumerator<LogLine>, DateTimeOffset>();
        foreach (var file in Files())
        {
            var lines = New(file).GetEnumerator();
            if (lines.MoveNext())
                next.Enqueue(lines, lines.Current.Time);
        }

        while (next.TryDequeue(out var lines, out _))
        {
            yield return lines.Current;
            if (lines.MoveNext())
                next.Enqueue(lines, lines.Current.Time);
        }
    }

    /// <summary>What was added since.</summary>
    public IReadOnlyList<LogLine> Added() => [.. Files().SelectMany(New).OrderBy(line => line.Time)];

    private IEnumerable<string> Files() =>
        Directory.Exists(directory)
            ? teams.SelectMany(team => Directory.EnumerateFiles(directory, $"{team}*.ndjson")).Order(StringComparer.Ordinal)
            : [];

    private IEnumerable<LogLine> New(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 65_536);
        var position = _positions.GetValueOrDefault(file);
        // A file that shrank was started anew.
        position = position > stream.Length ? 0 : position;
        stream.Seek(position, SeekOrigin.Begin);
        var bytes = new List<byte>(512);
        var buffer = new byte[65_536];
        int read;
        while ((read = stream.Read(buffer)) > 0)
        {
            var start = 0;
            int end;
            while ((end = Array.IndexOf(buffer, (byte)'\n', start, read - start)) >= 0)
            {
                bytes.AddRange(buffer.AsSpan(start, end - start));
                position += bytes.Count + 1;
                // Only whole lines count as read; the rest of one being written comes next time.
                _positions[file] = position;
                var text = Encoding.UTF8.GetString([.. bytes]);
                bytes.Clear();
                start = end + 1;
                if (Matching(text) is { } line)
                    yield return line;
            }

            bytes.AddRange(buffer.AsSpan(start, read - start));
        }
    }

    private LogLine? Matching(string text)
    {
        // Most lines are another return's, and need no parsing to see that.
        if (returnId is not null && !text.Contains(returnId, StringComparison.OrdinalIgnoreCase))
            return null;
        var line = LogLine.Parse(text);
        return line is not null && (returnId is null || string.Equals(line.ReturnId, returnId, StringComparison.OrdinalIgnoreCase)) ? line : null;
    }
}
