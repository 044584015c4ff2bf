using System.Diagnostics;

namespace EseErp.Messaging.Tests;

/// <summary>A team in a process of its own, which one of its events ends.</summary>
internal sealed class TeamProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    private TeamProcess(Process process) => (_process, _errors, Ended) = (process, process.StandardError.ReadToEndAsync(), process.WaitForExitAsync());

    /// <summary>Completes when the process has ended.</summary>
    public Task Ended { get; }

    public int ExitCode => _process.ExitCode;

    /// <summary>What it has printed about its end.</summary>
    public Task<string> Errors => _errors;

    /// <param name="endedBy">The key whose first parcel ends it.</param>
    public static TeamProcess Start(string database, TeamMessaging messaging, string endedBy) => new(Process.Start(new ProcessStartInfo(
        "dotnet", ["exec", typeof(TeamProcess).Assembly.Location, database, messaging.Broker, messaging.Topic, messaging.Group, endedBy])
    {
        RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true,
    })!);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await Ended;
        _process.Dispose();
    }

    /// <summary>What the process does. It ends with its input, so that it does not outlive its test.</summary>
    private static async Task Main(string[] arguments)
    {
        if (arguments is not [var database, var broker, var topic, var group, var endedBy]) return;
        await using var team = await Team.Start(database, new TeamMessaging(broker, topic)
        {
            Group = group,
            Script = new Script
            {
                Before = (parcel, _) =>
                {
                    if (parcel.ReturnId == endedBy && parcel.Number == 0) Environment.FailFast("ended by a parcel");
                    return Task.CompletedTask;
                },
            },
        });
        await Console.In.ReadToEndAsync();
    }
}
