using EseErp.Architecture.Tests.Reading;

namespace EseErp.Architecture.Tests.Changes;

/// <summary>A change that a company makes one day, kept as patches: what it needs in any case, and what each mode needs beside it.</summary>
/// <param name="Folder">Where its patches are, in this one.</param>
/// <param name="Name">As in docs/cost-to-own.md.</param>
internal sealed record Change(string Folder, string Name)
{
    public static IReadOnlyList<Change> All { get; } =
    [
        new("fifth-team", "a fifth team hears of every return"),
        new("check-before-refund", "a check before the refund"),
    ];

    /// <summary>The same in both modes: the new team's own work, and rules that know no mode.</summary>
    public Patch Base => Read("base");

    /// <summary>What connects it in event mode.</summary>
    public Patch Event => Read("event");

    /// <summary>What connects it in traditional mode, and so in traditional-async, which makes the same calls.</summary>
    public Patch Traditional => Read("traditional");

    public IReadOnlyList<Patch> Patches => [Base, Event, Traditional];

    /// <summary>The services it touches or adds.</summary>
    public IReadOnlyList<string> Services =>
    [
        .. Patches.SelectMany(patch => patch.Files).Select(file => file.Path.Split('/'))
            .Where(parts => parts is ["services", not "Shared", _, ..]).Select(parts => parts[1]).Distinct().Order(StringComparer.Ordinal),
    ];

    /// <summary>Its rows of the table in docs/cost-to-own.md.</summary>
    public IEnumerable<string> Rows()
    {
        var made = Base.Files.Where(file => file.IsNew).Select(file => file.Path).ToHashSet();
        yield return Base.Row(Name, "in both modes", new HashSet<string>());
        yield return Event.Row(Name, "event", made);
        yield return Traditional.Row(Name, "traditional, traditional-async", made);
    }

    private Patch Read(string part) => Patch.Read(System.IO.Path.Combine(Repository.Root, "tests", "EseErp.Architecture.Tests", "Changes", Folder, $"{part}.patch"));
}
