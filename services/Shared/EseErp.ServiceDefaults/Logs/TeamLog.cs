using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EseErp.ServiceDefaults;

/// <summary>
/// The team's log: a ring in memory, a file, and standard output. Loggers only queue; two threads of their own write, so
/// that a full disk or a launcher that no longer reads standard output holds up nobody. When the queue is full, entries
/// are dropped and the log says how many.
/// </summary>
[ProviderAlias("Ese")]
internal sealed class TeamLog : ILoggerProvider, ISupportExternalScope
{
    private const int QueueLength = 16_384;
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(2);

    private readonly ServiceSettings settings;
    private readonly TimeProvider clock;
    private readonly Channel<Pending> queue = Channel.CreateBounded<Pending>(new BoundedChannelOptions(QueueLength) { SingleReader = true });
    private readonly Channel<string> console = Channel.CreateBounded<string>(new BoundedChannelOptions(QueueLength) { SingleReader = true });
    private readonly LogFile? file;
    private readonly Thread[] threads;
    private IExternalScopeProvider? scopes;
    private long sequence;
    private long dropped;
    private bool disposed;

    public TeamLog(IOptions<ServiceSettings> settings, TimeProvider clock, LogRing ring)
    {
        this.settings = settings.Value;
        this.clock = clock;
        Ring = ring;
        // Microseconds since 1970: a cursor from before a restart still points to a place before what comes now.
        sequence = clock.GetUtcNow().ToUnixTimeMilliseconds() * 1000;
        if (!string.IsNullOrWhiteSpace(this.settings.LogDirectory))
            file = new LogFile(this.settings.LogDirectory, this.settings.Team, this.settings.LogFileBytes, this.settings.LogFilesKept);
        threads = [Start("log", WriteEntries), Start("log console", WriteConsole)];
        AppDomain.CurrentDomain.ProcessExit += FlushAtExit;
        AppDomain.CurrentDomain.UnhandledException += LogCrash;
    }

    public LogRing Ring { get; }

    public ILogger CreateLogger(string categoryName) => new CategoryLog(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => scopes = scopeProvider;

    public void Dispose()
    {
        if (disposed) return;
        disposed = true;
        AppDomain.CurrentDomain.ProcessExit -= FlushAtExit;
        AppDomain.CurrentDomain.UnhandledException -= LogCrash;
        queue.Writer.TryComplete();
        threads[0].Join(FlushTimeout);
        console.Writer.TryComplete();
        threads[1].Join(FlushTimeout);
        file?.Dispose();
    }

    private static Thread Start(string name, ThreadStart work)
    {
        var thread = new Thread(work) { IsBackground = true, Name = name };
        thread.Start();
        return thread;
    }

    private void FlushAtExit(object? sender, EventArgs arguments) => Dispose();

    private void LogCrash(object? sender, UnhandledExceptionEventArgs arguments)
    {
        CreateLogger(nameof(TeamLog)).LogCritical(arguments.ExceptionObject as Exception, "The service crashed");
        Dispose();
    }

    private void Enqueue<TState>(string category, LogLevel level, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var now = clock.GetUtcNow();
        var message = LogMessage.Of(state, exception, formatter);
        var line = LogLine.ForThisThread.Write(settings.Team, category, level, now, message, state, exception, scopes);
        var shown = level >= settings.ConsoleLevel ? ConsoleLine.Of(now, level, category, message, exception) : null;
        if (!queue.Writer.TryWrite(new Pending(level, line, shown))) Interlocked.Increment(ref dropped);
    }

    private void WriteEntries()
    {
        var batch = new List<LogEntry>(1024);
        var reader = queue.Reader;
        while (reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            if (Interlocked.Exchange(ref dropped, 0) is var lost and > 0)
                Take(batch, LostEntries(lost));
            while (batch.Count < batch.Capacity && reader.TryRead(out var pending))
                Take(batch, pending);

            file?.Append(batch);
            Ring.Append(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(batch));
            batch.Clear();
        }
    }

    private void Take(List<LogEntry> batch, Pending pending)
    {
        var number = ++sequence;
        batch.Add(new LogEntry(number, pending.Level, LogLine.Complete(pending.Line, number)));
        if (pending.Shown is not null) console.Writer.TryWrite(pending.Shown);
    }

    private Pending LostEntries(long lost)
    {
        var message = $"{lost} log entries were dropped because they came faster than they could be written";
        var now = clock.GetUtcNow();
        var line = LogLine.ForThisThread.Write(settings.Team, nameof(TeamLog), LogLevel.Warning, now, message, (object?)null, null, null);
        return new Pending(LogLevel.Warning, line, ConsoleLine.Of(now, LogLevel.Warning, nameof(TeamLog), message, null));
    }

    private void WriteConsole()
    {
        if (settings.ConsoleLevel == LogLevel.None) return;
        try
        {
            using var output = Console.OpenStandardOutput();
            var text = new StringBuilder();
            while (console.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                while (text.Length < 64 * 1024 && console.Reader.TryRead(out var line)) text.Append(line).Append('\n');
                output.Write(Encoding.UTF8.GetBytes(text.ToString()));
                text.Clear();
            }
        }
        catch (IOException)
        {
            // Nobody reads standard output any more; the file and the ring go on.
        }
    }

    private readonly record struct Pending(LogLevel Level, byte[] Line, string? Shown);

    private sealed class CategoryLog(TeamLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => log.scopes?.Push(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            // What is rehearsed has not happened.
            if (logLevel != LogLevel.None && (logLevel >= LogLevel.Error || !Rehearsal.IsOn)) log.Enqueue(category, logLevel, state, exception, formatter);
        }
    }
}

/// <summary>An entry for people: one line, a stack trace indented below it.</summary>
internal static class ConsoleLine
{
    private const int Longest = 4_000;

    public static string Of(DateTimeOffset time, LogLevel level, string category, string message, Exception? exception)
    {
        var text = $"{time.LocalDateTime:HH:mm:ss.fff} {Short(level)} {category[(category.LastIndexOf('.') + 1)..]}: {OneLine(LogLine.Clean(message, Longest))}";
        return exception is null
            ? text
            : text + "\n      " + LogLine.Clean(exception.ToString(), Longest).ReplaceLineEndings("\n      ");
    }

    private static string OneLine(string text) => text.AsSpan().ContainsAny('\r', '\n') ? text.ReplaceLineEndings(" ") : text;

    private static string Short(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info ",
        LogLevel.Warning => "WARN ",
        LogLevel.Error => "ERROR",
        _ => "FATAL",
    };
}
