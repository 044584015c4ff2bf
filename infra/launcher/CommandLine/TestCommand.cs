using System.CommandLine;
using EseErp.Launcher.Kafka;
using EseErp.Launcher.Output;
using EseErp.Launcher.Postgres;
using EseErp.Launcher.Testing;

namespace EseErp.Launcher.CommandLine;

/// <summary><c>./ese test</c>: every test project, one after another, and one line at the end that sums them up.</summary>
internal static class TestCommand
{
    public static Command Create()
    {
        var filters = new Argument<string[]>("filter")
        {
            Description = "Part of the name of a test project (Domain) or of a test; without it all tests run",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command("test", "Run the tests") { filters };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(filters) ?? [], cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(IReadOnlyList<string> filters, CancellationToken cancellationToken)
    {
        if (Checkout.ExternalPostgres is null)
            await Prerequisites.EnsurePostgresAsync(Checkout.WorkDirectory, Screen.Line, cancellationToken);
        await PrepareAsync(cancellationToken);

        var run = new TestRun(Checkout.Root, Path.Combine(Checkout.WorkDirectory, "test-results"), filters);
        var total = TestCounts.None;
        var broken = new List<string>();
        foreach (var project in run.Projects)
        {
            var result = await run.RunAsync(project, cancellationToken);
            total += result.Counts;
            if (result.Problem is { } problem)
                broken.Add($"{project.Name}: {problem}");
        }

        Screen.Line();
        foreach (var problem in broken)
            Screen.Line(problem);
        if (total is { Passed: 0, Failed: 0 } && broken.Count == 0)
            Screen.Line(run.Projects.Count == 0 ? "There is no such test project." : "No test ran.");
        Screen.Line(total.ToString());
        return total.Failed == 0 && broken.Count == 0 && total.Passed > 0 ? 0 : 1;
    }

    /// <summary>Here, where it is seen: a test that waits for a download says nothing.</summary>
    private static async Task PrepareAsync(CancellationToken cancellationToken)
    {
        try
        {
            await PgBouncerPrerequisite.EnsureAsync(Checkout.WorkDirectory, Screen.Line, cancellationToken);
            await KafkaPrerequisites.EnsureJavaAsync(Checkout.WorkDirectory, Screen.Line, cancellationToken);
            await KafkaPrerequisites.EnsureLibrariesAsync(Checkout.WorkDirectory, Screen.Line, cancellationToken);
        }
        catch (LauncherException failure)
        {
            // The tests that need it will fail; the others need not wait for it.
            Screen.Error(failure.Message);
        }
    }
}
