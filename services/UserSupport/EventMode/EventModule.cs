using EseErp.Contracts;
using EseErp.Contracts.UserSupport;
using EseErp.Messaging;
using EseErp.ServiceDefaults;
using EseErp.UserSupport.Modes;

namespace EseErp.UserSupport.EventMode;

/// <summary>What event mode needs: to publish, and to hear the answer to a cancellation, whoever gives it.</summary>
public static class EventModule
{
    public static void AddEventMode(this IServiceCollection services)
    {
        services.AddScoped<ICoordination, EventCoordination>();
        services.AddScoped<CancellationDesk>();
        services.AddSingleton<CancellationAnswers>();
    }

    public static void RehearseEventMode(this RouteHandlerBuilder filing) =>
        filing.Rehearsed(StatusCodes.Status202Accepted, RehearsedReturn.Filed(CoordinationMode.Event));

    public static void HearsCancellationAnswers(this Subscriptions on) => on.Topic(Topics.CancellationAnswers).Runs<WhenCancellationAnswered>();
}
