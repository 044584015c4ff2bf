using EseErp.EventStore;

namespace EseErp.Messaging;

/// <summary>What an event is, in a word that an engine can tell before anybody has read the event: its type and, if it is so marked, the mode.</summary>
internal static class EventKind
{
    private const string TraditionalMark = "~";

    public static string Of(string type, string coordination) => coordination == Coordination.Traditional ? TraditionalMark + type : type;

    /// <summary>Type and coordination.</summary>
    public static (string Type, bool IsTraditional) Read(string kind) =>
        kind.StartsWith(TraditionalMark, StringComparison.Ordinal) ? (kind[1..], true) : (kind, false);
}
