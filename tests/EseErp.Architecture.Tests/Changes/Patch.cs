using System.Globalization;

namespace EseErp.Architecture.Tests.Changes;

/// <summary>A file of a patch.</summary>
/// <param name="IsNew">The patch makes it.</param>
/// <param name="Added">Lines of code that come, without blank ones and comments.</param>
/// <param name="Removed">Lines of code that go; one that changes goes and comes.</param>
internal sealed record PatchedFile(string Path, bool IsNew, int Added, int Removed)
{
    public bool IsTest => Path.StartsWith("tests/", StringComparison.Ordinal);

    // A migration's model comes from dotnet ef, an event's schema from the contract tests.
    public bool IsGenerated => Path.Contains("/Migrations/", StringComparison.Ordinal) || Path.StartsWith("contracts/schemas/", StringComparison.Ordinal);

    /// <summary>Whose it is: a service's, the contracts', or the launcher's.</summary>
    public string Owner => Path.Split('/') switch
    {
        ["services", var service, ..] => service,
        ["infra", var part, ..] => part,
        [var first, ..] => first,
        _ => Path,
    };
}

/// <summary>A patch in git's format, and what it costs.</summary>
internal sealed record Patch(string Path, IReadOnlyList<PatchedFile> Files)
{
    public string Name => string.Join('/', Path.Split(System.IO.Path.DirectorySeparatorChar)[^2..]);

    public static Patch Read(string path) => new(path, [.. Split(File.ReadAllLines(path)).Select(Read)]);

    /// <summary>One row of the table.</summary>
    /// <param name="made">Files that the change itself has made before: what this patch adds to them is new code.</param>
    public string Row(string change, string mode, IReadOnlySet<string> made)
    {
        var code = Files.Where(file => file is { IsTest: false, IsGenerated: false }).ToList();
        var fresh = code.Where(file => file.IsNew || made.Contains(file.Path)).ToList();
        var existing = code.Except(fresh).ToList();
        var tests = Files.Where(file => file.IsTest).ToList();
        var owners = existing.Count == 0 ? "–" : string.Join(", ", existing.Select(file => file.Owner).Distinct().Order(StringComparer.Ordinal));
        return string.Create(CultureInfo.InvariantCulture,
            $"| {change} | {mode} | {owners} | {existing.Count} | {Lines(existing)} | {fresh.Count} | {Lines(fresh)} | {Lines(tests)} |");
    }

    private static string Lines(IReadOnlyCollection<PatchedFile> files) => string.Create(
        CultureInfo.InvariantCulture, $"+{files.Sum(file => file.Added)} −{files.Sum(file => file.Removed)}");

    private static IEnumerable<List<string>> Split(IEnumerable<string> lines)
    {
        List<string>? file = null;
        foreach (var line in lines)
        {
            if (line.StartsWith("diff --git ", StringComparison.Ordinal))
            {
                if (file is not null) yield return file;
                file = [];
            }

            file?.Add(line);
        }

        if (file is not null) yield return file;
    }

    private static PatchedFile Read(List<string> lines)
    {
        var hunks = lines.SkipWhile(line => !line.StartsWith("@@", StringComparison.Ordinal)).ToList();
        return new PatchedFile(
            lines[0].Split(" b/")[^1], lines.Exists(line => line.StartsWith("new file mode", StringComparison.Ordinal)), Count('+'), Count('-'));

        int Count(char sign) => hunks.Where(line => line.StartsWith(sign)).Select(line => line[1..].Trim('\uFEFF', ' ', '\t', '\r')).Count(IsCode);
    }

    private static bool IsCode(string line) =>
        line.Length > 0 && !line.StartsWith("//", StringComparison.Ordinal) && !line.StartsWith("-- ", StringComparison.Ordinal) && !line.StartsWith("<!--", StringComparison.Ordinal);
}
