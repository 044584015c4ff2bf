using System.ComponentModel;
using EseErp.Contracts;
using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Mvc;

namespace EseErp.Tracking.Analytics;

/// <summary>Which returns are counted: <c>[AsParameters] ReturnsCounted counted</c>.</summary>
/// <param name="From">Only returns requested at that time or later; from the first one if not given.</param>
/// <param name="To">Only returns requested before that time; up to now if not given.</param>
/// <param name="Mode">Only returns of this mode; both if not given.</param>
public sealed record ReturnsCounted(
    [property: FromQuery(Name = "from"), Description("Only returns requested at that time or later; without it from the first one.")] DateTimeOffset? From = null,
    [property: FromQuery(Name = "to"), Description("Only returns requested before that time; without it up to now.")] DateTimeOffset? To = null,
    [property: FromQuery(Name = "mode"), Description("Only returns of this mode; without it all modes.")] CoordinationMode? Mode = null)
{
    /// <summary>The condition on <c>returns</c>; its parameters are <see cref="Parameters"/>, those of the query come behind them.</summary>
    internal const string Condition =
        """
        ({0}::timestamptz is null or requested_at >= {0}) and ({1}::timestamptz is null or requested_at < {1}) and ({2}::text is null or mode = {2})
        """;

    internal object[] Parameters(params ReadOnlySpan<object> more) => [From?.ToUniversalTime()!, To?.ToUniversalTime()!, Mode?.ToString()!, .. more];

    /// <summary>A span that cannot hold anything is a mistake of the caller's; null when it is none.</summary>
    internal BadRequestProblem? Fault => From >= To ? Problems.BadRequest("to", "must be after from") : null;
}
