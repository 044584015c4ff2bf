using System.Runtime.InteropServices;

namespace EseErp.Launcher;

/// <summary>
/// Ctrl-C, a request to end, or a closed terminal: the first asks for an orderly stop; the second ends this process at
/// once, upon which everything it started ends by itself.
/// </summary>
internal sealed class Termination : IDisposable
{
    private readonly CancellationTokenSource _requested = new();
    private readonly List<PosixSignalRegistration> _registrations = [];

    public Termination()
    {
        foreach (var signal in new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT })
            _registrations.Add(PosixSignalRegistration.Create(signal, Handle));
    }

    public CancellationToken Token => _requested.Token;

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _requested.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        if (_requested.IsCancellationRequested && context.Signal == PosixSignal.SIGINT)
            Environment.Exit(130);
        _requested.Cancel();
    }
}
