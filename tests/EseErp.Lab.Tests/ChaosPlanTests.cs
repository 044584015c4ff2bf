using System.Text.Json;
using EseErp.Lab.Chaos;

namespace EseErp.Lab.Tests;

/// <summary>What <c>./ese chaos</c> files and breaks follows from its seed.</summary>
public sealed class ChaosPlanTests
{
    [Fact]
    public void Should_plan_the_same_for_the_same_seed()
    {
        Plan(3).ShouldBe(Plan(3));
        Plan(3).ShouldNotBe(Plan(4));

        static string Plan(int seed)
        {
            var returns = RequestPlan.Make(seed, 300, 0.2, new DateOnly(2026, 11, 20));
            returns.Returns.Select(planned => planned.Device.SerialNumber).ShouldBeUnique();
            returns.Requests.SelectMany(request => request.Returns).ShouldBe(returns.Returns);
            returns.Returns.Count(planned => !planned.IsAcceptable).ShouldBe(9);
            var faults = FaultPlan.Make(seed, 30, FaultKind.For("postgres"));
            return JsonSerializer.Serialize(new
            {
                returns.Returns,
                keys = returns.Requests.Select(request => request.Key),
                faults = faults.Select(fault => $"{fault.Number} {fault.Kind} {fault.Victim} {fault.Gap} {fault.Hold}"),
            });
        }
    }

    [Fact]
    public void Should_have_devices_for_twenty_thousand_returns()
    {
        var plan = RequestPlan.Make(seed: 5, 20_000, 0.2, new DateOnly(2026, 11, 20));
        plan.Returns.Count.ShouldBe(20_000);
        var stock = plan.Catalogue.Products.ToDictionary(product => product.Sku, product => product.InitialStock);
        plan.Returns.Where(planned => planned.IsAcceptable).GroupBy(planned => planned.Device.Sku)
            .ShouldAllBe(model => model.Count() <= stock[model.Key]);
    }
}
