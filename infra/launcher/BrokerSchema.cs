namespace EseErp.Launcher;

/// <summary>The tables of the PostgreSQL broker, which the launcher creates before any service starts.</summary>
public static class BrokerSchema
{
    public static string Sql { get; } = Read();

    /// <summary>The same, and how long records are kept.</summary>
    public static string WithRetention(int days) => $"{Sql}\nupdate settings set retention = interval '{days} days';\n";

    private static string Read()
    {
        using var reader = new StreamReader(typeof(BrokerSchema).Assembly.GetManifestResourceStream("broker.sql")!);
        return reader.ReadToEnd();
    }
}
