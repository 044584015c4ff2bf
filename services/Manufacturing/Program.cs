using EseErp.EventStore;
using EseErp.Manufacturing;
using EseErp.Manufacturing.BillsOfMaterials;
using EseErp.Manufacturing.Disassembly;
using EseErp.Messaging;
using EseErp.Registry;
using EseErp.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("manufacturing", "The workbench: returned devices are diagnosed and taken apart.");
builder.AddManufacturing();

var app = builder.Build();
app.MapServiceDefaults();
app.MapEventLog();
app.MapConsumers();
app.MapDisassemblyOrders();
app.MapBillsOfMaterials();
app.MapRegistry();
app.MapDemoData();
await app.RunAsync();
