using FsCheck;
using FsCheck.Fluent;

namespace EseErp.Registry.Tests;

/// <summary>Documents of every shape, as JSON texts: nulls, empty things, names that need escaping, arrays in arrays.</summary>
internal static class Documents
{
    private static readonly string[] Names = ["a", "b", "c/d", "~", "0", ""];

    private static readonly string[] Leaves = ["null", "0", "1", "2.50", "true", "\"x\"", "\"é/~\"", "{}", "[]"];

    public static Gen<string> Any { get; } = Object(3);

    public static Arbitrary<(string Before, string After)> Pairs { get; } =
        (from before in Any from after in Any from same in Gen.Choose(0, 3) select (before, same == 0 ? before : after)).ToArbitrary();

    private static Gen<string> Value(int depth) =>
        depth == 0 ? Gen.Elements(Leaves) : Gen.OneOf(Gen.Elements(Leaves), Object(depth - 1), Array(depth - 1));

    private static Gen<string> Object(int depth) =>
        from chosen in Gen.Choose(0, (1 << Names.Length) - 1)
        from values in Value(depth).ArrayOf(Names.Length)
        select $"{{{string.Join(",", Names.Select((name, index) => (name, index)).Where(one => (chosen & (1 << one.index)) != 0).Select(one => $"\"{one.name}\":{values[one.index]}"))}}}";

    private static Gen<string> Array(int depth) =>
        from count in Gen.Choose(0, 3) from items in Value(depth).ArrayOf(count) select $"[{string.Join(",", items)}]";
}
