using EseErp.Launcher.Supervision;

namespace EseErp.Launcher;

/// <summary>
/// Which broker the data in the databases belong to. The services remember how far they have published and read there;
/// at another broker everything published so far would be missing, so a system starts with its own or not at all.
/// </summary>
internal static class DataBroker
{
    public const string Postgres = "postgres";
    public const string ExternalKafka = "kafka external";
    public const string Local = "kafka local";
    public const string Docker = "kafka docker";

    /// <summary>A Kafka of this system's own; <paramref name="kind"/> is <see cref="Local"/> or <see cref="Docker"/>.</summary>
    public static string OwnKafka(string kind, string workDirectory) => $"{kind} {KafkaId(workDirectory)}";

    /// <summary>Goes with the topics: whoever deletes them deletes it too, and they are known to be gone.</summary>
    public static string KafkaId(string workDirectory)
    {
        var file = IdFile(workDirectory);
        if (TextFiles.Read(file)?.Trim() is { Length: > 0 } known)
            return known;
        var id = Guid.NewGuid().ToString("N")[..12];
        TextFiles.Replace(file, id + "\n");
        return id;
    }

    public static string IdFile(string workDirectory) => Path.Combine(workDirectory, "kafka", "id");

    /// <param name="recorded">What the data say; null for new ones.</param>
    /// <param name="wanted">What this start would use.</param>
    /// <exception cref="LauncherException">They differ.</exception>
    public static void Require(string? recorded, string wanted)
    {
        if (recorded is null || recorded == wanted)
            return;
        throw new LauncherException(
            $"The data of this system were published to {Describe(recorded)}, not to {Describe(wanted)}, where they are missing. "
            + $"Start {HowToUse(recorded)}; or begin with no data: ./ese down, then delete .ese (and, on a server named by ESE_POSTGRES, the databases).");
    }

    private static string Describe(string broker) => KindOf(broker) switch
    {
        Postgres => "the PostgreSQL broker",
        ExternalKafka => "the Kafka that KAFKA_BOOTSTRAP_SERVERS named",
        Docker => $"the Kafka in Docker ({broker[(Docker.Length + 1)..]})",
        _ => $"the Kafka in .ese/kafka ({broker[(Local.Length + 1)..]})",
    };

    private static string HowToUse(string broker) => KindOf(broker) switch
    {
        Postgres => "with --broker postgres",
        ExternalKafka => "with --broker kafka and KAFKA_BOOTSTRAP_SERVERS",
        Docker => "with --broker kafka while Docker runs, without KAFKA_BOOTSTRAP_SERVERS",
        _ => "with --broker kafka, without KAFKA_BOOTSTRAP_SERVERS",
    };

    private static string KindOf(string broker) =>
        new[] { ExternalKafka, Docker, Local }.FirstOrDefault(kind => broker.StartsWith(kind, StringComparison.Ordinal)) ?? Postgres;
}
