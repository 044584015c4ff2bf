namespace EseErp.EventStore;

/// <summary>The values of an event's <c>coordination</c> attribute.</summary>
public static class Coordination
{
    /// <summary>Teams react to each other's events.</summary>
    public const string Event = "event";

    /// <summary>User Support drives; nobody reacts.</summary>
    public const string Traditional = "traditional";
}
