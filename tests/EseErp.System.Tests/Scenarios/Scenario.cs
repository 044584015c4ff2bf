namespace EseErp.SystemTests.Scenarios;

/// <summary>What happens to a return, and where everybody stands in the end, whichever way it is coordinated.</summary>
/// <param name="Play">What people do. Runs once in each mode, with a device of its own of the same model.</param>
/// <param name="Causes">The facts that are in the journal.</param>
public sealed record Scenario(
    string Name, Func<ReturnOnItsWay, Task> Play, string Customer, string Refund, string Replacement, string Item, string Disassembly, string Disposal,
    params string[] Causes)
{
    public override string ToString() => Name;
}
