namespace EseErp.Registry;

/// <summary>What came of a change.</summary>
public abstract record RegistryAnswer
{
    private RegistryAnswer()
    {
    }

    /// <summary>Done; or nothing had to be, and the entity is as it was.</summary>
    public sealed record Done(Entity Entity) : RegistryAnswer;

    /// <summary>There is no such entity, or it was deleted.</summary>
    public sealed record NotThere : RegistryAnswer;

    /// <summary>It is there already.</summary>
    public sealed record Taken(string Id) : RegistryAnswer;

    /// <summary>It has moved on since the client read it.</summary>
    public sealed record OtherVersion(int Version) : RegistryAnswer;

    /// <summary>The document is not one of this type.</summary>
    public sealed record Invalid(Faults Faults) : RegistryAnswer;
}
