using EseErp.EventStore;
using EseErp.Inventory;
using EseErp.Inventory.Receipts;
using EseErp.Inventory.Shipments;
using EseErp.Inventory.Stock;
using EseErp.Messaging;
using EseErp.Registry;
using EseErp.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("inventory", "Stock, replacements on their way out and returned items on their way in.");
builder.AddInventory();

var app = builder.Build();
app.MapServiceDefaults();
app.MapEventLog();
app.MapConsumers();
app.MapStock();
app.MapShipmentRequests();
app.MapReceipts();
app.MapRegistry();
app.MapDemoData();
await app.RunAsync();
