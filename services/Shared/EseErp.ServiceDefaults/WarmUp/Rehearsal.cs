namespace EseErp.ServiceDefaults;

/// <summary>
/// Work for practice: everything runs as it does for a customer, and what it writes is rolled back. Until its end the whole flow of calls
/// is part of it, other scopes included, but for what goes to another process.
/// </summary>
public sealed class Rehearsal
{
    private static readonly AsyncLocal<Rehearsal?> Current = new();

    private volatile bool over;

    private Rehearsal()
    {
    }

    /// <summary>Whether the work that asks is a rehearsal: a unit of work is then rolled back, and nothing is counted.</summary>
    public static bool IsOn => Current.Value is { over: false };

    /// <summary>Rehearses work.</summary>
    public static async Task Run(Func<Task> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        var rehearsal = new Rehearsal();
        Current.Value = rehearsal;
        try
        {
            await work();
        }
        finally
        {
            // What was begun in it and lives on, such as a timer, is no part of it from now on.
            rehearsal.over = true;
        }
    }
}
