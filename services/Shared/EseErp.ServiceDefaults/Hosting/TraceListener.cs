using System.Diagnostics;

namespace EseErp.ServiceDefaults;

/// <summary>
/// Has activities created, with ids only, so that every log line and problem has a trace id and calls to other services
/// carry it on, whether or not anything exports traces.
/// </summary>
internal sealed class TraceListener : IDisposable
{
    private readonly ActivityListener listener = new()
    {
        ShouldListenTo = static source => source.Name is "Microsoft.AspNetCore" or "System.Net.Http" || source.Name.StartsWith("EseErp.", StringComparison.Ordinal),
        Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.PropagationData,
    };

    public TraceListener() => ActivitySource.AddActivityListener(listener);

    public void Dispose() => listener.Dispose();
}
