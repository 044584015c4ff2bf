using EseErp.Contracts;
using EseErp.Contracts.UserSupport;
using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EseErp.UserSupport.Modes;

/// <summary>The toggle between the ways of coordination.</summary>
public static partial class ModeApi
{
    public static void MapMode(this IEndpointRouteBuilder routes)
    {
        var mode = routes.MapGroup("/mode").WithTags("Mode").SparedByFaults();
        mode.MapGet("/", Get).WithSummary("How returns are coordinated that do not say so themselves");
        mode.MapPut("/", Set).WithSummary("Switch between event, traditional and traditional-async mode")
            .WithDescription("Holds for returns filed from now on; those under way end in the mode they began in. A return's own mode wins.")
            .WithExample(new ModeSetting(CoordinationMode.Event));
    }

    private static async Task<Ok<ModeSetting>> Get(RunningMode mode, CancellationToken cancellationToken) =>
        TypedResults.Ok(new ModeSetting(await mode.Get(cancellationToken)));

    private static async Task<Results<Ok<ModeSetting>, UnprocessableProblem>> Set(
        ModeSetting setting, RunningMode mode, Coordinations coordinations, ILogger<RunningMode> log, CancellationToken cancellationToken)
    {
        if (coordinations.ReasonNotTo(setting.Mode) is { } reason) return Problems.Unprocessable("mode", reason);
        await mode.Set(setting.Mode, cancellationToken);
        LogSwitched(log, setting.Mode.Text());
        return TypedResults.Ok(setting);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Returns are now coordinated in {Mode} mode")]
    private static partial void LogSwitched(ILogger logger, string mode);
}
