namespace EseErp.Messaging.Postgres;

/// <summary>The embedded broker's tables and functions, to be run by the owner of its database.</summary>
public static class BrokerSchema
{
    public static string Sql { get; } = Read();

    private static string Read()
    {
        using var reader = new StreamReader(typeof(BrokerSchema).Assembly.GetManifestResourceStream("Postgres/broker.sql")!);
        return reader.ReadToEnd();
    }
}
