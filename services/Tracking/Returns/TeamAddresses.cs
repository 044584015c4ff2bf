namespace EseErp.Tracking.Returns;

/// <summary>Where the services are found, for links (<c>Ese:Teams:{name}</c>); a link is relative to its service where that is not set.</summary>
public sealed class TeamAddresses(IConfiguration configuration)
{
    /// <param name="team">Such as <c>user-support</c>.</param>
    public string DeadLetter(string team, long letterId)
    {
        var address = configuration[$"Ese:Teams:{team.Replace("-", "", StringComparison.Ordinal)}"] ?? "";
        return $"{address.TrimEnd('/')}/dead-letters/{letterId}";
    }
}
