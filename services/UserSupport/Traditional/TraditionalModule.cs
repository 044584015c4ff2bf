using EseErp.Contracts;
using EseErp.Contracts.UserSupport;
using EseErp.ServiceDefaults;
using EseErp.UserSupport.Modes;

namespace EseErp.UserSupport.Traditional;

/// <summary>What traditional mode needs: to know every team and where it is.</summary>
public static class TraditionalModule
{
    internal static readonly string[] Teams = ["sales", "inventory", "manufacturing", "accounting"];

    public static void AddTraditionalMode(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<TraditionalOptions>().BindConfiguration("UserSupport:Traditional").ValidateDataAnnotations().ValidateOnStart();
        foreach (var team in Teams)
        {
            var address = builder.Configuration[$"Ese:Teams:{team}"]
                ?? throw new MissingSettingException($"Ese:Teams:{team} (the address of {team})", builder.Environment);
            builder.Services.AddHttpClient(team, client =>
            {
                client.BaseAddress = new Uri(address);
                client.Timeout = Timeout.InfiniteTimeSpan; // The pipeline limits each attempt.
            }).RemoveAllLoggers().AddHttpMessageHandler(() => new RehearsedTeams(team));
        }

        builder.Services.AddOptions<CallbackOptions>().BindConfiguration("UserSupport:Callbacks").ValidateDataAnnotations()
            .Validate(callbacks => callbacks.Allowed.All(prefix => prefix.EndsWith('/')), "UserSupport:Callbacks:Allowed: each address ends with a slash.")
            .ValidateOnStart();
        // A redirect would lead past the addresses that are allowed.
        builder.Services.AddHttpClient(CallbackSender.Client).ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false }).RemoveAllLoggers();
        builder.Services.AddSingleton<DriveQueue>();
        builder.Services.AddSingleton<TeamClient>();
        builder.Services.AddSingleton<TraditionalProcess>();
        builder.Services.AddSingleton<TraditionalAnswers>();
        builder.Services.AddScoped<TraditionalCoordination>();
        builder.Services.AddScoped<ICoordination>(provider => provider.GetRequiredService<TraditionalCoordination>());
        builder.Services.AddScoped<ICarriage>(provider => provider.GetRequiredService<TraditionalCoordination>());
        builder.Services.AddScoped<ReturnClaim>();
        builder.Services.AddScoped<StepReport>();
        builder.Services.AddHostedService<BackgroundResumer>();
        builder.Services.AddHostedService<BackgroundDriver>();
        builder.Services.AddHostedService<CallbackSender>();
        builder.Services.AddHostedService<TeamProbe>();
        if (builder.Configuration.GetValue<bool>("Ese:AutoAdvance")) builder.Services.AddHostedService<AutoAdvance>();
    }

    public static void RehearseTraditionalMode(this RouteHandlerBuilder filing) =>
        filing.Rehearsed(StatusCodes.Status201Created, RehearsedReturn.Filed(CoordinationMode.Traditional));
}
