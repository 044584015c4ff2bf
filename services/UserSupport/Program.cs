using EseErp.EventStore;
using EseErp.Messaging;
using EseErp.ServiceDefaults;
using EseErp.UserSupport;
using EseErp.UserSupport.EventMode;
using EseErp.UserSupport.Modes;
using EseErp.UserSupport.Returns;
using EseErp.UserSupport.Traditional;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("user-support", "Takes returns, by event or by calling the teams, and lets the mode be switched.");
builder.AddUserSupport();

var app = builder.Build();
app.MapServiceDefaults();
app.MapEventLog();
app.MapConsumers();
var filing = app.MapReturns();
filing.RehearseEventMode();
filing.RehearseTraditionalMode();
app.MapCancellation();
app.MapReturnSteps();
app.MapMode();
await app.RunAsync();
