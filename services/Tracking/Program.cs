using EseErp.EventStore;
using EseErp.Messaging;
using EseErp.ServiceDefaults;
using EseErp.Tracking;
using EseErp.Tracking.Analytics;
using EseErp.Tracking.Rebuild;
using EseErp.Tracking.Returns;
using EseErp.Tracking.Timeline;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("tracking", "Where every return stands, and who did what when: built from the teams' events alone.");
builder.AddTracking();

var app = builder.Build();
app.MapServiceDefaults();
app.MapEventLog();
app.MapConsumers();
app.MapReturns();
app.MapTimeline();
app.MapReturnStreams();
app.MapAnalytics();
app.MapProjection();
await app.RunAsync();
