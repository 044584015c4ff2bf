namespace EseErp.Launcher;

/// <summary>One service the launcher runs.</summary>
/// <param name="Team">Its name in logs and on the command line, such as <c>user-support</c>.</param>
/// <param name="Directory">Its folder below <c>services/</c>; its assembly is <c>EseErp.{Directory}</c>.</param>
/// <param name="PortOffset">Added to the port base.</param>
/// <param name="Database">Its database and role.</param>
/// <param name="DemoData">Whether it answers <c>POST /demo-data</c>.</param>
public sealed record ServiceDefinition(string Team, string Directory, int PortOffset, string Database, bool DemoData)
{
    /// <summary>The built assembly, relative to the repository.</summary>
    public string Assembly => Path.Combine("services", Directory, Checkout.BuiltInto, $"EseErp.{Directory}.dll");
}

/// <summary>Every service of the system, in start order. The one place to add a service.</summary>
public static class ServiceCatalog
{
    public const int PostgresPortOffset = 50;
    public const int KafkaPortOffset = 60;
    public const int ZooKeeperPortOffset = 61;

    public static IReadOnlyList<ServiceDefinition> All { get; } =
    [
        new("user-support", "UserSupport", 1, "ese_user_support", DemoData: false),
        new("sales", "Sales", 2, "ese_sales", DemoData: true),
        new("inventory", "Inventory", 3, "ese_inventory", DemoData: true),
        new("manufacturing", "Manufacturing", 4, "ese_manufacturing", DemoData: true),
        new("accounting", "Accounting", 5, "ese_accounting", DemoData: true),
        new("tracking", "Tracking", 6, "ese_tracking", DemoData: false),
    ];

    /// <summary>Teams that publish what they record.</summary>
    public static IReadOnlyList<string> Publishing { get; } = ["user-support", "sales", "inventory", "manufacturing", "accounting"];

    /// <summary>Finds a service by team name or folder name, in any case.</summary>
    /// <exception cref="LauncherException">There is none of that name.</exception>
    public static ServiceDefinition Find(string name) =>
        All.FirstOrDefault(service =>
            string.Equals(service.Team, name, StringComparison.OrdinalIgnoreCase)
            || string.Equals(service.Directory, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new LauncherException($"There is no team '{name}'; the teams are {string.Join(", ", All.Select(service => service.Team))}.");
}
