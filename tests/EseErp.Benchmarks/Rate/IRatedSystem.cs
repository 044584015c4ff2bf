namespace EseErp.Benchmarks;

/// <summary>Processor time so far.</summary>
internal readonly record struct ProcessorTime(TimeSpan Services, TimeSpan Postgres);

/// <summary>What takes returns one by one: the system, or its raw twin.</summary>
internal interface IRatedSystem
{
    string Name { get; }

    /// <summary>Takes <c>POST</c> of one return.</summary>
    Uri Returns { get; }

    /// <summary>The table of Tracking's database with <c>return_id</c>, <c>settled_at</c> and <c>closed_at</c>.</summary>
    string Table { get; }

    /// <summary>The body of a return that was not filed yet.</summary>
    byte[] NextBody();

    /// <summary>Processor time of everything that takes part, what measures excluded.</summary>
    ProcessorTime Cpu();
}
