using EseErp.Contracts;
using EseErp.Contracts.DeadLetters;
using EseErp.EventStore;
using EseErp.Messaging;
using EseErp.UserSupport.Data;
using EseErp.UserSupport.EventMode;
using EseErp.UserSupport.Modes;
using EseErp.UserSupport.Returns;
using EseErp.UserSupport.Traditional;

namespace EseErp.UserSupport;

/// <summary>
/// What User Support owns. It knows no team: in event mode its work ends with one published request, and it listens only for
/// the answer, whoever gives it, when it asked that a return be called off.
/// </summary>
public static class UserSupportModule
{
    public static void AddUserSupport(this WebApplicationBuilder builder)
    {
        builder.AddEventStore<UserSupportDb>(EventContracts.All, EventContracts.Upcasters);
        builder.AddMessaging("user-support", Topics.UserSupport, on =>
        {
            on.TellsOfDeadLetters<DeadLetterOpened, DeadLetterClosed>();
            on.HearsCancellationAnswers();
        });
        builder.Services.AddOptions<ReturnOptions>().BindConfiguration("UserSupport:Returns").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddScoped<RunningMode>();
        builder.Services.AddScoped<ReturnDesk>();
        builder.Services.AddScoped<ReturnIntake>();
        builder.Services.AddScoped<Coordinations>();
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddSingleton<Links>();
        builder.Services.AddEventMode();
        builder.AddTraditionalMode();
    }
}
