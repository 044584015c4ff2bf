using EseErp.Contracts;
using EseErp.EventStore;
using EseErp.Messaging;
using EseErp.UserSupport.Data;
using EseErp.UserSupport.Modes;
using EseErp.UserSupport.Returns;
using EseErp.UserSupport.Traditional;

namespace EseErp.UserSupport;

/// <summary>What User Support owns. It listens to nobody: in event mode its work ends with one published request.</summary>
public static class UserSupportModule
{
    public static void AddUserSupport(this WebApplicationBuilder builder)
    {
        builder.AddEventStore<UserSupportDb>(EventContracts.All, EventContracts.Upcasters);
        builder.AddMessaging("user-support", Topics.UserSupport, _ => { });
        builder.Services.AddOptions<ReturnOptions>().BindConfiguration("UserSupport:Returns").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddScoped<RunningMode>();
        builder.Services.AddScoped<ReturnDesk>();
        builder.Services.AddScoped<ReturnIntake>();
        builder.Services.AddSingleton<Links>();
        builder.AddTraditionalMode();
    }
}
