using System.Diagnostics;
using System.Text.Json;

namespace EseErp.Launcher.Supervision;

/// <summary>
/// How another terminal asks a running launcher for something: a file in <c>.ese/requests/</c>, answered by a file.
/// Plain files work wherever the work directory does, however long its path.
/// </summary>
internal static class ControlRequests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);

    public static async Task<ControlAnswer> AskAsync(string workDirectory, ControlRequest request, CancellationToken cancellationToken)
    {
        if (SystemState.Running(workDirectory) is not { } system)
            return new ControlAnswer(false, "No system is running from this checkout; start one with ./ese up.");

        var file = Path.Combine(DirectoryIn(workDirectory), $"{Guid.NewGuid():N}.request");
        var answerFile = Path.ChangeExtension(file, ".answer");
        TextFiles.Replace(file, JsonSerializer.Serialize(request));
        var clock = Stopwatch.StartNew();
        try
        {
            while (clock.Elapsed < s_patience)
            {
                if (TextFiles.Read(answerFile) is { } text)
                    return JsonSerializer.Deserialize<ControlAnswer>(text)!;
                if (!system.Launcher.IsAlive)
                    return new ControlAnswer(false, "The launcher ended before it answered.");
                await Task.Delay(50, cancellationToken);
            }

            return new ControlAnswer(false, $"The launcher did not answer within {s_patience.TotalSeconds:0} s.");
        }
        finally
        {
            File.Delete(file);
            File.Delete(answerFile);
        }
    }

    /// <summary>Answers requests one after another until cancelled.</summary>
    public static async Task ServeAsync(string workDirectory, Func<ControlRequest, Task<ControlAnswer>> handle, CancellationToken cancellationToken)
    {
        var directory = DirectoryIn(workDirectory);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                foreach (var file in Directory.EnumerateFiles(directory, "*.request").Order().ToList())
                {
                    var answer = await AnswerAsync(file, handle);
                    File.Delete(file);
                    TextFiles.Replace(Path.ChangeExtension(file, ".answer"), JsonSerializer.Serialize(answer));
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>Forgets what was asked of an earlier launcher.</summary>
    public static void Clear(string workDirectory)
    {
        var directory = DirectoryIn(workDirectory);
        Directory.CreateDirectory(directory);
        foreach (var file in Directory.EnumerateFiles(directory))
            File.Delete(file);
    }

    private static string DirectoryIn(string workDirectory) => Path.Combine(workDirectory, "requests");

    private static async Task<ControlAnswer> AnswerAsync(string file, Func<ControlRequest, Task<ControlAnswer>> handle)
    {
        try
        {
            return await handle(JsonSerializer.Deserialize<ControlRequest>(TextFiles.Read(file) ?? "")!);
        }
        catch (Exception failure) when (failure is LauncherException or JsonException)
        {
            return new ControlAnswer(false, failure.Message);
        }
    }
}

/// <param name="Action"><c>start</c>, <c>stop</c> or <c>kill</c>.</param>
internal sealed record ControlRequest(string Action, string Team);

internal sealed record ControlAnswer(bool Done, string Message);
