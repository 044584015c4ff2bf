using EseErp.Architecture.Tests.Reading;

namespace EseErp.Architecture.Tests.Rules;

/// <summary>What a person can read in one go.</summary>
internal static class SizeRules
{
    public const int LongestFile = 400;
    public const int LongestProgram = 25;

    public static IEnumerable<string> TooLong(IEnumerable<SourceFile> files, int longest) => files
        .Select(file => (file.Name, Count: file.Lines().Length))
        .Where(file => file.Count > longest)
        .Select(file => $"{file.Name} has {file.Count} lines; at most {longest}");
}
