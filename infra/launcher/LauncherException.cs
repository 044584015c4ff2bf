namespace EseErp.Launcher;

/// <summary>Something a person can act on: its message is one clear sentence and is shown without a stack trace.</summary>
public sealed class LauncherException : Exception
{
    public LauncherException(string message)
        : base(message)
    {
    }

    public LauncherException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    public LauncherException()
    {
    }
}
