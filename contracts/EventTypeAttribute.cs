namespace EseErp.Contracts;

/// <summary>
/// The wire name of an event: <c>ese.&lt;team&gt;.&lt;fact&gt;.v&lt;n&gt;</c>. It never changes once published; a new version of a
/// fact is a new record with the next number.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class EventTypeAttribute(string name) : Attribute
{
    /// <summary>The CloudEvents <c>type</c>.</summary>
    public string Name { get; } = name;
}
