namespace EseErp.SystemTests.Running;

/// <summary>The test classes that share a running system, one after the other.</summary>
[CollectionDefinition(nameof(SharedSystem))]
public sealed class SharedSystem : ICollectionFixture<RunningSystem>;

/// <summary>A test on the shared system.</summary>
[Collection(nameof(SharedSystem))]
public abstract class SystemTest(RunningSystem system) : IAsyncLifetime
{
    protected RunningSystem System { get; } = system;

    protected Databases Data => System.Data;

    public Task InitializeAsync() => System.Heal();

    public virtual Task DisposeAsync() => Task.CompletedTask;
}
