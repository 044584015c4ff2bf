using EseErp.Contracts;
using EseErp.Contracts.UserSupport;
using EseErp.ServiceDefaults;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EseErp.UserSupport.Modes;

/// <summary>Shows and sets the default coordination mode.</summary>
public static partial class ModeApi
{
    public static void MapMode(this IEndpointRouteBuilder routes)
    {
        var mode = routes.MapGroup("/mode").WithTags("Mode").SparedByFaults();
        mode.MapGet("/", Get).WithSummary("Default coordination mode");
        mode.MapPut("/", Set).WithSummary("Set the default coordination mode: event, traditional or traditional-async")
            .WithDescription("Applies to returns that are filed from now on. A running return keeps its mode. The `mode` of a request wins.")
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
