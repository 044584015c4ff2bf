using System.Text.RegularExpressions;

namespace EseErp.Launcher.Comparison;

/// <summary>What User Support, the publisher, has to know, counted in its source.</summary>
/// <param name="Lines">Lines of code, without blank lines, comments and generated migrations.</param>
/// <param name="Teams">Other teams that its code names.</param>
internal sealed record PublisherSource(int Lines, IReadOnlyList<string> Teams)
{
    /// <summary>In event mode: everything but the folder of traditional mode.</summary>
    public static PublisherSource Event => Read(path => !IsTraditional(path));

    public static PublisherSource Traditional => Read(_ => true);

    /// <summary>What returns in event mode depend on besides: relay, pump, inbox, brokers. Every service has it, written once; the event log, which both modes write, is not among it.</summary>
    public static int SharedLines => CodeLines(Files("Shared/EseErp.Messaging"));

    private static PublisherSource Read(Func<string, bool> isMeant)
    {
        var files = Files("UserSupport").Where(isMeant).ToList();
        var code = string.Join('\n', files.Select(File.ReadAllText));
        var teams = ServiceCatalog.All.Where(service => service.Team is not ("user-support" or "tracking"))
            .Where(service => Regex.IsMatch(code, $"\"{service.Team}[\".]|Contracts\\.{service.Directory}\\b")).Select(service => service.Team);
        return new PublisherSource(CodeLines(files), [.. teams]);
    }

    private static bool IsTraditional(string path) => path.Contains($"{Path.DirectorySeparatorChar}Traditional{Path.DirectorySeparatorChar}", StringComparison.Ordinal);

    private static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Checkout.Root, "services", folder), "*.cs", SearchOption.AllDirectories)
            .Where(path => !Path.GetRelativePath(Checkout.Root, path).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "Migrations"));

    private static int CodeLines(IEnumerable<string> files) =>
        files.SelectMany(File.ReadLines).Select(line => line.Trim()).Count(line => line.Length > 0 && !line.StartsWith("//", StringComparison.Ordinal));
}
