namespace EseErp.Benchmarks;

/// <summary>Work that the library does, and the same work done without it.</summary>
internal interface IBenchmark : IAsyncDisposable
{
    string Name { get; }

    int Messages { get; }

    Task Prepare(CancellationToken cancellationToken);

    Task<Run> Ours(CancellationToken cancellationToken);

    Task<Run> Twin(CancellationToken cancellationToken);
}
