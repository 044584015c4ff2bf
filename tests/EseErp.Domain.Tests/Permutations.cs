namespace EseErp.Domain.Tests;

internal static class Permutations
{
    /// <summary>Every order of some letters, each standing for a fact.</summary>
    public static IEnumerable<string> Of(string letters) => letters.Length == 0
        ? [""]
        : letters.SelectMany((letter, index) => Of(letters.Remove(index, 1)).Select(rest => letter + rest)).Distinct();
}
