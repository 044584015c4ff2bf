using EseErp.Accounting;
using EseErp.Accounting.Costs;
using EseErp.Accounting.Disposals;
using EseErp.Accounting.Journal;
using EseErp.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("accounting");
builder.AddAccounting();

var app = builder.Build();
app.MapServiceDefaults();
app.MapAssetDisposals();
app.MapJournal();
app.MapTrialBalance();
app.MapCosts();
app.MapDemoData();
await app.RunAsync();
