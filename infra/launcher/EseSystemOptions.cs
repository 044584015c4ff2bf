namespace EseErp.Launcher;

/// <summary>How to run a system; the defaults are those of <c>./ese up</c>.</summary>
public sealed record EseSystemOptions
{
    /// <summary>The repository whose built services are run.</summary>
    public string Root { get; init; } = Checkout.Root;

    /// <summary>Data, logs and state of this system; <c>{Root}/.ese</c> when null. One system at a time runs in it.</summary>
    public string? WorkDirectory { get; init; }

    /// <summary>The services listen on this port and the following ones.</summary>
    public int PortBase { get; init; } = Checkout.PortBase;

    /// <summary><c>Ese:Broker</c> of every service: <c>postgres</c> or <c>kafka</c>. Data stay with the broker they began with.</summary>
    public string Broker { get; init; } = "postgres";

    /// <summary>A Kafka that is there; null starts one, if <see cref="Broker"/> is <c>kafka</c>.</summary>
    public string? KafkaBootstrapServers { get; init; } = Checkout.KafkaBootstrapServers;

    /// <summary>Idempotent SQL for the broker's database, run as its owner before any service starts.</summary>
    public string BrokerSchema { get; init; } = Launcher.BrokerSchema.WithRetention(Checkout.BrokerRetentionDays);

    /// <summary>The services to run, in start order.</summary>
    public IReadOnlyList<ServiceDefinition> Services { get; init; } = ServiceCatalog.All;

    /// <summary>More environment variables for one service, by team; they win over the launcher's own.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> ServiceEnvironment { get; init; } =
        new Dictionary<string, IReadOnlyDictionary<string, string>>();

    /// <summary>More environment variables for every service.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Warehouse and workbench act by themselves (<c>Ese:AutoAdvance</c>).</summary>
    public bool AutoAdvance { get; init; } = true;

    /// <summary>Endpoints that make demo data are there (<c>Ese:DemoData</c>).</summary>
    public bool DemoData { get; init; } = true;

    /// <summary>Faults can be set while it runs (<c>Ese:Faults</c>), except in the environment Production.</summary>
    public bool Faults { get; init; } = true;

    /// <summary>A service that ends by itself is started again.</summary>
    public bool Restart { get; init; } = true;

    /// <summary>An administrator's connection string to a server that is there; null starts a private one.</summary>
    public string? ExternalPostgres { get; init; } = Checkout.ExternalPostgres;

    /// <summary>Put before the names of databases and roles.</summary>
    public string DatabasePrefix { get; init; } = Checkout.DatabasePrefix;

    /// <summary>How long a service may take until it is ready.</summary>
    public TimeSpan ReadyLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>On disposal the databases and the work directory are deleted: for tests.</summary>
    public bool Temporary { get; init; }

    /// <summary>Hears, in sentences, what happens.</summary>
    public Action<string> Report { get; init; } = _ => { };

    internal string Work => Path.GetFullPath(WorkDirectory ?? Path.Combine(Root, ".ese"));
}
