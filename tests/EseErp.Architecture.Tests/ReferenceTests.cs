using EseErp.Architecture.Tests.Reading;
using EseErp.Architecture.Tests.Rules;

namespace EseErp.Architecture.Tests;

/// <summary>Who may know whom.</summary>
public sealed class ReferenceTests
{
    // Those who watch all returns. A team that included traditional events would act twice.
    private static readonly string[] Watchers = ["EseErp.Tracking", "EseErp.Notifications"];

    [Fact]
    public void Should_find_the_projects()
    {
        Repository.Services.Count.ShouldBeGreaterThanOrEqualTo(6);
        Repository.Shared.Count.ShouldBeGreaterThanOrEqualTo(4);
        Repository.Services.Select(service => service.Name).ShouldContain("EseErp.UserSupport");
    }

    [Fact]
    public void Should_let_no_service_know_another()
    {
        var services = Repository.Services.Select(service => service.Name).ToList();
        Repository.Services.SelectMany(service => ReferenceRules.ForbiddenReferences(service.Name, service.Knows, services)).ShouldBeEmpty();
        ReferenceRules.ForbiddenReferences("EseErp.Sales", ["EseErp.Contracts", "EseErp.Inventory"], services).ShouldBe(["EseErp.Sales references EseErp.Inventory"]);
    }

    [Fact]
    public void Should_keep_teams_and_contracts_out_of_the_shared_libraries()
    {
        var forbidden = Repository.Services.Append(Repository.Contracts).Select(project => project.Name).ToList();
        Repository.Shared.SelectMany(library => ReferenceRules.ForbiddenReferences(library.Name, library.Knows, forbidden)).ShouldBeEmpty();
        ReferenceRules.ForbiddenReferences("EseErp.Messaging", ["EseErp.Contracts"], forbidden).ShouldNotBeEmpty();
    }

    [Fact]
    public void Should_keep_the_contracts_free_of_everything()
    {
        Repository.Contracts.Knows.ShouldBeEmpty();
        Repository.Contracts.PackageReferences.ShouldBeEmpty();
        // It can fail: a project that does know something is seen to.
        Repository.Services[0].Knows.ShouldContain("EseErp.Contracts");
        Repository.Services[0].PackageReferences.ShouldNotBeEmpty();
    }

    [Fact]
    public void Should_run_the_system_without_knowing_the_experiments_on_it()
    {
        var (launcher, lab) = (Infra("EseErp.Launcher"), Infra("EseErp.Lab"));
        ReferenceRules.ForbiddenReferences(launcher.Name, launcher.Knows, [lab.Name]).ShouldBeEmpty();
        launcher.Assembly.MainModule.AssemblyReferences.ShouldNotContain(reference => reference.Name == lab.Assembly.Name.Name);
        // The other way round they know each other.
        lab.Knows.ShouldContain(launcher.Name);
        lab.Assembly.MainModule.AssemblyReferences.ShouldContain(reference => reference.Name == launcher.Assembly.Name.Name);

        static Project Infra(string name) => Repository.Product.Single(project => project.Name == name);
    }

    [Fact]
    public void Should_know_other_teams_contracts_in_the_traditional_part_of_User_Support_only()
    {
        var userSupport = Repository.Services.Single(service => service.Name == "EseErp.UserSupport");
        userSupport.Types.SelectMany(ReferenceRules.OtherTeamsOutsideTraditional).ShouldBeEmpty();
        // It does look into that part.
        userSupport.Types.Where(type => type.Namespace == "EseErp.UserSupport.Traditional").SelectMany(TypeUses.Of)
            .ShouldContain(used => used.StartsWith("EseErp.Contracts.Sales."));
    }

    [Fact]
    public void Should_name_other_teams_contracts_in_the_traditional_folder_only()
    {
        Repository.SourceFiles("services/UserSupport")
            .Where(file => !file.Name.StartsWith("services/UserSupport/Traditional/"))
            .SelectMany(file => ReferenceRules.OtherTeamsNamed(file.Name, file.Lines()))
            .ShouldBeEmpty();
        ReferenceRules.OtherTeamsNamed("A.cs", ["", "using EseErp.Contracts.Sales;"]).ShouldBe(["A.cs:2 names another team's contracts"]);
    }

    [Fact]
    public void Should_let_only_the_start_of_User_Support_know_its_traditional_mode()
    {
        var userSupport = Repository.Services.Single(service => service.Name == "EseErp.UserSupport");
        // The two that put the service together, one line each.
        string[] start = ["Program", "EseErp.UserSupport.UserSupportModule"];
        userSupport.Types.Where(type => !start.Contains(type.FullName)).SelectMany(ReferenceRules.TraditionalOutsideTraditional).ShouldBeEmpty();
        userSupport.Types.Where(type => start.Contains(type.FullName)).SelectMany(ReferenceRules.TraditionalOutsideTraditional).Count().ShouldBe(2 + 1);
    }

    [Theory]
    [InlineData("EseErp.UserSupport.Samples.KnowsByField", "EseErp.Contracts.Sales.OrderRefundRequestView")]
    [InlineData("EseErp.UserSupport.Samples.KnowsByLambda", "EseErp.Contracts.Inventory.ItemReceived")]
    [InlineData("EseErp.UserSupport.Samples.KnowsByAsyncMethod", "EseErp.Contracts.Manufacturing.ItemDiagnosed")]
    [InlineData("EseErp.UserSupport.Samples.KnowsByGenericCall", "EseErp.Contracts.Accounting.AssetDisposalOpened")]
    [InlineData("EseErp.UserSupport.Samples.KnowsByAttribute", "EseErp.Contracts.Sales.RefundIssued")]
    [InlineData("EseErp.UserSupport.Samples.KnowsOnlyItsOwn", null)]
    [InlineData("EseErp.UserSupport.Traditional.Samples.MayKnow", null)]
    public void Should_see_another_teams_contract_wherever_it_is_used(string sample, string? contract)
    {
        var faults = ReferenceRules.OtherTeamsOutsideTraditional(Repository.Samples.MainModule.GetType(sample));
        if (contract is null) faults.ShouldBeEmpty();
        else faults.ShouldBe([$"{sample} uses {contract}"]);
    }

    [Fact]
    public void Should_hand_traditional_events_to_watchers_only()
    {
        Repository.Services.Where(service => service.Types.Any(ReferenceRules.IncludesTraditionalEvents))
            .Select(service => service.Name).Except(Watchers).ShouldBeEmpty();
        ReferenceRules.IncludesTraditionalEvents(Repository.Samples.MainModule.GetType("EseErp.Architecture.Tests.Samples.WatchingTeam")).ShouldBeTrue();
    }
}
