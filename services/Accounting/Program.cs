using EseErp.Accounting;
using EseErp.Accounting.CostPerReturn;
using EseErp.Accounting.Costs;
using EseErp.Accounting.Disposals;
using EseErp.Accounting.Journal;
using EseErp.EventStore;
using EseErp.Messaging;
using EseErp.Registry;
using EseErp.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("accounting", "The disposal of returned devices, in double entry.");
builder.AddAccounting();

var app = builder.Build();
app.MapServiceDefaults();
app.MapEventLog();
app.MapConsumers();
app.MapAssetDisposals();
app.MapJournal();
app.MapCostsPerReturn();
app.MapCosts();
app.MapRegistry();
app.MapDemoData();
await app.RunAsync();
