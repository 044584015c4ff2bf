using EseErp.Contracts;
using EseErp.UserSupport.Returns;

namespace EseErp.UserSupport.Modes;

/// <summary>The ways of coordination that this service has.</summary>
public sealed class Coordinations(IEnumerable<ICoordination> all)
{
    /// <summary>The modes that a return can be filed in.</summary>
    public IEnumerable<CoordinationMode> Modes => Enum.GetValues<CoordinationMode>().Where(mode => all.Any(each => each.Takes(mode)));

    /// <summary>The one that takes returns of a mode; null when there is none.</summary>
    public ICoordination? Find(CoordinationMode mode) => all.FirstOrDefault(each => each.Takes(mode));

    /// <summary>The one that takes returns of a mode.</summary>
    public ICoordination Of(CoordinationMode mode) => Find(mode) ?? throw new InvalidOperationException($"Nothing here coordinates returns in {mode.Text()} mode.");

    /// <summary>How far User Support itself has carried returns, by their ids.</summary>
    public async Task<IReadOnlyDictionary<string, ReturnCourse>> Courses(IReadOnlyCollection<Return> returns, bool withSteps, CancellationToken cancellationToken)
    {
        var courses = new Dictionary<string, ReturnCourse>();
        foreach (var alike in returns.GroupBy(each => Of(each.Mode)))
            foreach (var (returnId, course) in await alike.Key.Courses([.. alike.Select(each => each.ReturnId)], withSteps, cancellationToken))
                courses[returnId] = course;
        return courses;
    }

    /// <summary>Why returns cannot be filed in a mode; null when they can.</summary>
    public string? ReasonNotTo(CoordinationMode mode) =>
        Find(mode) is null ? $"must be one of {string.Join(", ", Modes.Select(each => each.Text()))}: this service has no other" : null;
}
