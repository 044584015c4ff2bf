using System.Diagnostics;
using EseErp.Architecture.Tests.Reading;
using EseErp.Testing;

namespace EseErp.Architecture.Tests.Changes;

/// <summary>
/// The tracked files of this checkout in a throw-away directory, for one change after another: what the second does not touch is
/// built already.
/// </summary>
public sealed class PatchedCheckout
{
    private const string Tests =
        """
        <Project Sdk="Microsoft.NET.Sdk">
          <PropertyGroup>
            <IsTestProject>true</IsTestProject>
            <GenerateDocumentationFile>false</GenerateDocumentationFile>
          </PropertyGroup>
          <ItemGroup>
            <FrameworkReference Include="Microsoft.AspNetCore.App" />
            <PackageReference Include="FsCheck" />
            <PackageReference Include="Microsoft.NET.Test.Sdk" />
            <PackageReference Include="Shouldly" />
            <PackageReference Include="xunit" />
            <PackageReference Include="xunit.runner.visualstudio" />
            <Using Include="Shouldly" />
            <Using Include="Xunit" />
          </ItemGroup>
          <ItemGroup>
            <Compile Include="../EseErp.Domain.Tests/Permutations.cs" />
        {0}
            <ProjectReference Include="../../infra/launcher/EseErp.Launcher.csproj" ReferenceOutputAssembly="false" />
          </ItemGroup>
        </Project>
        """;

    // A busy machine has taken minutes.
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(15);

    private readonly string _root = ThrowAwayDirectory.Create();
    private readonly Stack<Patch> _applied = [];

    public PatchedCheckout()
    {
        var listed = Run(Repository.Root, "git", ["ls-files", "-z"]);
        listed.Code.ShouldBe(0, $"The patches are tried on the tracked files, which git lists: {listed.Output}");
        foreach (var path in listed.Output.Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            var source = Path.Combine(Repository.Root, path);
            // One that was removed and not committed yet.
            if (!File.Exists(source)) continue;
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_root, path))!);
            File.Copy(source, Path.Combine(_root, path));
        }
    }

    /// <summary>Applies a change: both modes can be had at once, and each without the other.</summary>
    internal void Apply(Change change)
    {
        Apply(change.Base);
        Check(change.Traditional);
        Apply(change.Event);
        Apply(change.Traditional);
    }

    /// <summary>Takes back what was applied, all of a change or a part of it.</summary>
    internal void Revert()
    {
        while (_applied.TryPop(out var patch)) Git(["apply", "-R", patch.Path]).Code.ShouldBe(0, $"{patch.Name} cannot be taken back.");
    }

    /// <summary>Builds the touched services and the launcher, and runs the rules' tests of those services.</summary>
    internal void BuildAndTest(Change change)
    {
        var folder = Path.Combine(_root, "tests", "Touched");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "Touched.csproj"), Tests.Replace("{0}", string.Join('\n', change.Services.Select(service =>
            $"""
                <Compile Include="../EseErp.Domain.Tests/{service}/*.cs" />
                <ProjectReference Include="../../services/{service}/EseErp.{service}.csproj" />
            """)), StringComparison.Ordinal));
        // The analyzers have looked at each patch when it was made; here they would double the time.
        var build = Run(folder, "dotnet", ["build", "-c", "Release", "-v", "quiet", "-nodeReuse:false", "-clp:ErrorsOnly;NoSummary", "-p:RunAnalyzers=false"]);
        build.Code.ShouldBe(0, $"'{change.Name}' applies and does not build. {Renewing}\n{build.Output}");
        var tests = Run(folder, "dotnet", ["test", "-c", "Release", "--no-build", "-v", "quiet", "--nologo"]);
        tests.Code.ShouldBe(0, $"With '{change.Name}' the rules' tests fail. {Renewing}\n{tests.Output}");
        tests.Output.ShouldContain("Passed!");
    }

    /// <summary>Builds User Support with event mode alone.</summary>
    internal void BuildWithoutTraditionalMode()
    {
        var folder = Path.Combine(_root, "services", "UserSupport");
        Directory.Delete(Path.Combine(folder, "Traditional"), recursive: true);
        foreach (var start in new[] { "Program.cs", "UserSupportModule.cs" })
        {
            var (path, lines) = (Path.Combine(folder, start), File.ReadAllLines(Path.Combine(folder, start)));
            var left = lines.Where(line => !line.Contains("Traditional", StringComparison.Ordinal) && !line.Contains("MapReturnSteps", StringComparison.Ordinal)).ToList();
            (lines.Length - left.Count).ShouldBe(start == "Program.cs" ? 3 : 2, $"{start} is to name traditional mode in a line for each thing it adds.");
            File.WriteAllLines(path, left);
        }

        var build = Run(folder, "dotnet", ["build", "-c", "Release", "-v", "quiet", "-nodeReuse:false", "-clp:ErrorsOnly;NoSummary"]);
        build.Code.ShouldBe(0, $"User Support does not build without its traditional mode.\n{build.Output}");
    }

    internal static string Renewing => "tests/EseErp.Architecture.Tests/Changes/README.md says how to renew a patch.";

    private void Apply(Patch patch)
    {
        Check(patch);
        Git(["apply", patch.Path]).Code.ShouldBe(0, patch.Name);
        _applied.Push(patch);
    }

    private void Check(Patch patch)
    {
        var checkedPatch = Git(["apply", "--check", patch.Path]);
        checkedPatch.Code.ShouldBe(0, $"{patch.Name} no longer applies to this checkout. {Renewing}\n{checkedPatch.Output}");
    }

    private (int Code, string Output) Git(IEnumerable<string> arguments) => Run(_root, "git", arguments);

    private (int Code, string Output) Run(string directory, string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true };
        // What the runner of these tests was told is not for another build, and no repository around the directory is meant.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || name.StartsWith("VSTEST", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        if (directory != Repository.Root) start.Environment["GIT_CEILING_DIRECTORIES"] = Path.GetDirectoryName(_root);
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (!process.WaitForExit(s_limit)) process.Kill(entireProcessTree: true);
        process.WaitForExit();
        return (process.ExitCode, output.Result + errors.Result);
    }
}
