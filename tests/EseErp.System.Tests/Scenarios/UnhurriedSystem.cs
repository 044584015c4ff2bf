namespace EseErp.SystemTests.Scenarios;

/// <summary>
/// A whole system in which nothing physical happens by itself: the tests are the dock, the workbench and the reviewer.
/// </summary>
public sealed class UnhurriedSystem : IAsyncLifetime
{
    public RunningSystem System { get; } = new(autoAdvance: false, new Dictionary<string, string>
    {
        // How often the programs look that act without being told; nothing here waits for a day to pass.
        ["UserSupport__Traditional__LookAgainAfter"] = "00:00:00.200",
        ["UserSupport__Traditional__SweepInterval"] = "00:00:00.200",
        ["Inventory__Shipments__ExpiryInterval"] = "00:00:01",
    });

    /// <summary>Serial numbers of devices that a test has used.</summary>
    public HashSet<string> Taken { get; } = [];

    public Task InitializeAsync() => System.InitializeAsync();

    public Task DisposeAsync() => System.DisposeAsync();
}

/// <summary>The test classes that share it, one after the other.</summary>
[CollectionDefinition(nameof(UnhurriedSystem))]
public sealed class UnhurriedSystemCollection : ICollectionFixture<UnhurriedSystem>;
