namespace EseErp.Launcher;

/// <summary>The tables of the PostgreSQL broker, which the launcher creates before any service starts.</summary>
internal static class BrokerSchema
{
    public static string Sql => "";
}
