using System.Diagnostics;
using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using EseErp.Launcher.Output;
using EseErp.Launcher.Supervision;

namespace EseErp.Launcher.Testing;

/// <summary>Runs built test projects and reads their result files; what a project prints is not relied upon.</summary>
internal sealed class TestRun
{
    // A project that hangs must not hang the whole run.
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(30);

    // In which no test ends.
    private static readonly TimeSpan s_testLimit = TimeSpan.FromMinutes(10);

    private readonly string _root;
    private readonly string _results;
    private readonly string? _nameFilter;

    public TestRun(string root, string results, IReadOnlyList<string> filters)
    {
        _root = root;
        _results = results;
        if (Directory.Exists(results))
            Directory.Delete(results, recursive: true);
        Directory.CreateDirectory(results);

        var tests = Path.Combine(root, "tests");
        var all = Directory.Exists(tests)
            ? Directory.EnumerateFiles(tests, "*Tests.csproj", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(path => new TestProject(path)).ToList()
            : [];
        var chosen = all.Where(project => filters.Any(project.IsMeantBy)).ToList();
        var names = filters.Where(filter => !all.Any(project => project.IsMeantBy(filter))).ToList();
        Projects = chosen.Count > 0 ? chosen : all;
        _nameFilter = names.Count > 0 ? string.Join('|', names.Select(name => $"FullyQualifiedName~{name}")) : null;
    }

    public IReadOnlyList<TestProject> Projects { get; }

    public async Task<TestResult> RunAsync(TestProject project, CancellationToken cancellationToken)
    {
        Screen.Heading(project.Name);
        var clock = Stopwatch.StartNew();
        var file = Path.Combine(_results, $"{project.Name}.trx");
        List<string> command =
        [
            Environment.ProcessPath!, "test", project.Path, "-c", Checkout.Configuration, "--no-build", "--nologo", "-nodeReuse:false",
            "--logger", $"trx;LogFileName={project.Name}.trx", "--logger", "console;verbosity=minimal", "--results-directory", _results,
            // Names the test that hangs, and keeps the results of the others.
            "--blame-hang-timeout", $"{s_testLimit.TotalMinutes:0}m", "--blame-hang-dump-type", "none",
        ];
        if (_nameFilter is not null)
            command.AddRange(["--filter", _nameFilter]);

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_limit);
        CommandResult result;
        try
        {
            result = await SystemCommand.RunAsync(
                command,
                environment: new Dictionary<string, string>
                {
                    ["MSBUILDDISABLENODEREUSE"] = "1",
                    // Tests start many processes, and each makes its machine code anew; this makes that cheaper.
                    ["DOTNET_EnableWriteXorExecute"] = "0",
                },
                onLine: Screen.Line,
                workingDirectory: _root,
                cancellationToken: limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new TestResult(Read(file) ?? TestCounts.None, $"did not end within {s_limit.TotalMinutes:0} minutes");
        }

        var counts = Read(file);
        Screen.Line($"{project.Name}: {counts ?? TestCounts.None} ({clock.Elapsed.TotalSeconds:0} s)");
        if (counts is null)
            return new TestResult(TestCounts.None, result.Succeeded && _nameFilter is not null ? null : $"left no results (exit code {result.ExitCode})");
        // A test host that crashes may still leave results of the tests before.
        return new TestResult(counts, result.Succeeded || counts.Failed > 0 ? null : $"ended with exit code {result.ExitCode}");
    }

    private static TestCounts? Read(string file)
    {
        if (!File.Exists(file))
            return null;
        try
        {
            var outcomes = XDocument.Load(file).Descendants()
                .Where(element => element.Name.LocalName == "UnitTestResult")
                .Select(element => element.Attribute("outcome")?.Value)
                .ToList();
            var passed = outcomes.Count(outcome => outcome == "Passed");
            var skipped = outcomes.Count(outcome => outcome == "NotExecuted");
            return new TestCounts(passed, outcomes.Count - passed - skipped, skipped);
        }
        catch (XmlException)
        {
            return null;
        }
    }
}

internal sealed record TestProject(string Path)
{
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    public bool IsMeantBy(string filter) => Name.Contains(filter, StringComparison.OrdinalIgnoreCase);
}

internal sealed record TestCounts(int Passed, int Failed, int Skipped)
{
    public static TestCounts None { get; } = new(0, 0, 0);

    public static TestCounts operator +(TestCounts left, TestCounts right) =>
        new(left.Passed + right.Passed, left.Failed + right.Failed, left.Skipped + right.Skipped);

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Passed} passed, {Failed} failed, {Skipped} skipped");
}

/// <param name="Problem">Why the counts are not the whole truth; null when they are.</param>
internal sealed record TestResult(TestCounts Counts, string? Problem);
