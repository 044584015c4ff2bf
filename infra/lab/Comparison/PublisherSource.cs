using System.Text.RegularExpressions;
using EseErp.Launcher;

namespace EseErp.Lab.Comparison;

/// <summary>What User Support, the publisher, has to know in a mode, and what it stands on, counted in the source.</summary>
/// <param name="Lines">Lines of code, without blank lines, comments and generated migrations.</param>
/// <param name="Teams">Other teams that its code names.</param>
/// <param name="Library">What the mode needs of the shared libraries, for people.</param>
/// <param name="LibraryLines">Lines of that, written once for all services.</param>
internal sealed record PublisherSource(int Lines, IReadOnlyList<string> Teams, string Library, int LibraryLines)
{
    /// <summary>Everything but the folder of traditional mode.</summary>
    public static PublisherSource Choreography { get; } = Read(
        path => !IsIn("Traditional", path), "relay, pump, inbox, dead letters, and one of the two brokers", Files("Shared/EseErp.Messaging").Where(path => !IsIn("Kafka", path)));

    /// <summary>The same for both arms of orchestration. Tracking hears the facts of these, too, by what choreography needs.</summary>
    public static PublisherSource Orchestration { get; } = Read(
        _ => true, "idempotency keys", Files("Shared/EseErp.EventStore").Where(path => Path.GetFileName(path).StartsWith("Idempoten", StringComparison.Ordinal)));

    public static PublisherSource Of(string mode) => mode == Returns.PlannedReturn.Event ? Choreography : Orchestration;

    private static PublisherSource Read(Func<string, bool> isMeant, string library, IEnumerable<string> libraryFiles)
    {
        var files = Files("UserSupport").Where(isMeant).ToList();
        var code = string.Join('\n', files.Select(File.ReadAllText));
        var teams = ServiceCatalog.All.Where(service => service.Team is not ("user-support" or "tracking"))
            .Where(service => Regex.IsMatch(code, $"\"{service.Team}[\".]|Contracts\\.{service.Directory}\\b")).Select(service => service.Team);
        return new PublisherSource(CodeLines(files), [.. teams], library, CodeLines(libraryFiles));
    }

    private static bool IsIn(string folder, string path) => path.Contains($"{Path.DirectorySeparatorChar}{folder}{Path.DirectorySeparatorChar}", StringComparison.Ordinal);

    private static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Checkout.Root, "services", folder), "*.cs", SearchOption.AllDirectories)
            .Where(path => !Path.GetRelativePath(Checkout.Root, path).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "Migrations"));

    private static int CodeLines(IEnumerable<string> files) =>
        files.SelectMany(File.ReadLines).Select(line => line.Trim()).Count(line => line.Length > 0 && !line.StartsWith("//", StringComparison.Ordinal));
}
