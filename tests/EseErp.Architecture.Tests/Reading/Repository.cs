using System.Reflection;
using Mono.Cecil;

namespace EseErp.Architecture.Tests.Reading;

/// <summary>This checkout: its projects, their built assemblies and its source files.</summary>
internal static class Repository
{
    private static readonly string BuiltInto = typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(entry => entry.Key == nameof(BuiltInto)).Value!;

    public static string Root { get; } = FindRoot(AppContext.BaseDirectory);

    public static Project Contracts { get; } = ProjectsBelow("contracts").Single();

    public static IReadOnlyList<Project> Shared { get; } = ProjectsBelow("services/Shared");

    /// <summary>Every service that is a process, whether it is there today or comes later.</summary>
    public static IReadOnlyList<Project> Services { get; } = ProjectsBelow("services").ExceptBy(Shared.Select(project => project.Path), project => project.Path).ToList();

    public static IReadOnlyList<Project> Product { get; } = [Contracts, .. Shared, .. Services, .. ProjectsBelow("infra")];

    /// <summary>Our own C# files, without generated ones. Paths are relative to the root, with slashes.</summary>
    public static IEnumerable<SourceFile> SourceFiles(string folder = ".") =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Select(path => new SourceFile(Path.GetRelativePath(Root, path).Replace('\\', '/'), path))
            .Where(file => !file.Name.Split('/').Any(part => part is "bin" or "obj" or "Migrations" or "node_modules" || (part.StartsWith('.') && part.Length > 1)));

    /// <summary>This test assembly, for the samples in it.</summary>
    public static AssemblyDefinition Samples { get; } = AssemblyDefinition.ReadAssembly(typeof(Repository).Assembly.Location);

    private static List<Project> ProjectsBelow(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.csproj", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Select(path => new Project(path, BuiltInto))
            .ToList();

    private static string FindRoot(string directory) =>
        File.Exists(Path.Combine(directory, "EseErp.sln")) ? directory
        : Path.GetDirectoryName(directory) is { } parent ? FindRoot(parent)
        : throw new InvalidOperationException("EseErp.sln was not found above the tests.");
}

/// <param name="Name">Relative to the root, with slashes.</param>
internal sealed record SourceFile(string Name, string Path)
{
    public string[] Lines() => File.ReadAllLines(Path);
}
