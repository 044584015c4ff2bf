using EseErp.EventStore;
using EseErp.Messaging;
using EseErp.Registry;
using EseErp.Sales;
using EseErp.Sales.Orders;
using EseErp.Sales.Refunds;
using EseErp.Sales.Valuations;
using EseErp.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults("sales", "Orders, and the refunds of what was bought.");
builder.AddSales();

var app = builder.Build();
app.MapServiceDefaults();
app.MapEventLog();
app.MapConsumers();
app.MapOrders();
app.MapOrderRefundRequests();
app.MapValuations();
app.MapRegistry();
app.MapDemoData();
await app.RunAsync();
