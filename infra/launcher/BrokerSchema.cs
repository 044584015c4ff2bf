namespace EseErp.Launcher;

/// <summary>The tables of the PostgreSQL broker, which the launcher creates before any service starts.</summary>
public static class BrokerSchema
{
    public static string Sql { get; } = Read();

    private static string Read()
    {
        using var reader = new StreamReader(typeof(BrokerSchema).Assembly.GetManifestResourceStream("broker.sql")!);
        return reader.ReadToEnd();
    }
}
