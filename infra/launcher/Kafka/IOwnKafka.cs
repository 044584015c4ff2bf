namespace EseErp.Launcher.Kafka;

/// <summary>A Kafka that this system starts and stops itself.</summary>
internal interface IOwnKafka : IAsyncDisposable
{
    /// <summary>Names the place of its topics; another one has none of what was published here.</summary>
    string Identity { get; }

    int Port { get; }

    /// <summary>What clients must be told of its version; null where they find out themselves.</summary>
    string? BrokerVersion { get; }

    /// <summary>Null where it is no process of ours.</summary>
    int? ProcessId { get; }

    Task<bool> IsRunningAsync(CancellationToken cancellationToken);

    /// <summary>Starts what of it does not run and returns when clients are served.</summary>
    Task StartAsync(CancellationToken cancellationToken = default);

    /// <summary>Ends the broker as kill -9 does.</summary>
    Task KillAsync();

    /// <summary>Stops it in good order. Its topics stay.</summary>
    Task StopAsync();

    /// <summary>Stops it and deletes its topics.</summary>
    Task DeleteAsync();
}
