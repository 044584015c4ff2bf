using EseErp.Architecture.Tests.Reading;

namespace EseErp.Architecture.Tests.Changes;

/// <summary>
/// What two changes cost in each mode: real patches that apply to the code as it is, build, and pass the tests of the rules; counted as
/// docs/cost-to-own.md says.
/// </summary>
public sealed class CostToOwnTests(PatchedCheckout checkout) : IClassFixture<PatchedCheckout>
{
    private const string Document = "docs/cost-to-own.md";

    public static TheoryData<string> Folders => [.. Change.All.Select(change => change.Folder)];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Should_apply_build_and_keep_the_rules(string folder)
    {
        var change = Change.All.Single(known => known.Folder == folder);
        try
        {
            checkout.Apply(change);
            checkout.BuildAndTest(change);
        }
        finally
        {
            checkout.Revert();
        }
    }

    [Fact]
    public void Should_cost_what_the_document_says()
    {
        var told = File.ReadAllLines(Path.Combine(Repository.Root, Document)).Where(line => Change.All.Any(change => line.StartsWith($"| {change.Name} |", StringComparison.Ordinal)));
        var counted = Change.All.SelectMany(change => change.Rows()).ToList();
        told.ShouldBe(counted, $"The table in {Document} is to read:\n{string.Join('\n', counted)}\n");
    }

    [Fact]
    public void Should_count_code_and_nothing_else()
    {
        var path = Path.Combine(EseErp.Testing.ThrowAwayDirectory.Create(), "some.patch");
        File.WriteAllText(path,
            """
            diff --git a/services/Sales/A.cs b/services/Sales/A.cs
            index 1..2 100644
            --- a/services/Sales/A.cs
            +++ b/services/Sales/A.cs
            @@ -1,2 +1,4 @@
             unchanged
            -went
            +came
            +
            +// why
            +came too
            diff --git a/services/New/B.cs b/services/New/B.cs
            new file mode 100644
            --- /dev/null
            +++ b/services/New/B.cs
            @@ -0,0 +1,1 @@
            +all of it
            diff --git a/services/Sales/Data/Migrations/C.cs b/services/Sales/Data/Migrations/C.cs
            new file mode 100644
            --- /dev/null
            +++ b/services/Sales/Data/Migrations/C.cs
            @@ -0,0 +1,1 @@
            +generated
            diff --git a/tests/D.cs b/tests/D.cs
            --- a/tests/D.cs
            +++ b/tests/D.cs
            @@ -1,1 +1,0 @@
            -a test
            """);
        Patch.Read(path).Row("x", "event", new HashSet<string>()).ShouldBe("| x | event | Sales | 1 | +2 −1 | 1 | +1 −0 | +0 −1 |");
        Patch.Read(path).Row("x", "event", new HashSet<string> { "services/Sales/A.cs" }).ShouldBe("| x | event | – | 0 | +0 −0 | 2 | +3 −1 | +0 −1 |");
    }
}
