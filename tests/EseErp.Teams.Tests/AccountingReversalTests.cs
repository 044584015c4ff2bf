using EseErp.Accounting;
using EseErp.Accounting.Costs;
using EseErp.Accounting.Data;
using EseErp.Accounting.Disposals;
using EseErp.Contracts;
using EseErp.Contracts.Accounting;
using EseErp.Contracts.Inventory;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.Sales;
using EseErp.Teams.Tests.Running;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EseErp.Teams.Tests;

/// <summary>Entries that take back others, in a journal that nobody can change.</summary>
public sealed class AccountingReversalTests : IAsyncLifetime
{
    private TeamInProcess _team = null!;

    public async Task InitializeAsync()
    {
        _team = await TeamInProcess.Start("accounting", builder => builder.AddAccounting());
        await _team.Work(services =>
        {
            services.GetRequiredService<AccountingDb>().Add(new UnitCost { Sku = "HP-210-BLK", LandedCost = 120.50m, Currency = "EUR" });
            return Task.CompletedTask;
        });
    }

    public async Task DisposeAsync() => await _team.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Should_take_back_what_does_not_hold_and_restore_what_holds_after_all(bool inOneTransaction)
    {
        var id = TeamInProcess.NewReturn();
        object[] facts =
        [
            new ItemReceived(id, "SN-1", "complete"), new OrderRefundRejected(id, [RejectionReason.DeclinedOnReview], "Not ours."),
            new ItemDiagnosed(id, "NO_FAULT_FOUND", Disposition.ReturnToStock), new RefundIssued(id, 199.90m, "EUR"),
            new RefundRecovered(id, 199.90m, "EUR"), new ReplacementShipped(id, "HP-210-BLK"), new RecalledUnitReturned(id, "HP-210-BLK"),
        ];

        if (inOneTransaction)
        {
            await _team.Work(async services =>
            {
                await Open(services, id);
                foreach (var fact in facts) await services.GetRequiredService<DisposalDesk>().Note(id, fact, CancellationToken.None);
            });
        }
        else
        {
            await _team.Work(services => Open(services, id));
            foreach (var fact in facts.Concat(facts)) await _team.Work(services => services.GetRequiredService<DisposalDesk>().Note(id, fact, CancellationToken.None));
        }

        var entries = await _team.Work(services => services.GetRequiredService<AccountingDb>().JournalEntries.AsNoTracking()
            .Include(entry => entry.Lines).Where(entry => entry.ReturnId == id).OrderBy(entry => entry.EntryId).ToListAsync());
        var first = entries[0].EntryId;
        entries.Select(entry => (entry.Cause, entry.Reverses - first)).ShouldBe(
        [
            ("ItemReceived", null), ("OrderRefundRejected", 0), ("ItemDiagnosed", null), ("ItemDiagnosed", 1), ("RefundIssued", null),
            ("RefundRecovered", 4), ("ReplacementShipped", null), ("RecalledUnitReturned", 6),
        ]);
        entries.SelectMany(entry => entry.Lines).GroupBy(line => line.Account, line => line.Debit - line.Credit)
            .Where(account => account.Sum() != 0).Select(account => (account.Key, account.Sum())).Order()
            .ShouldBe([("Cost of Goods Sold", -120.50m), ("Finished Goods", 120.50m)]);
    }

    private static Task<AssetDisposal> Open(IServiceProvider services, string id) => services.GetRequiredService<DisposalDesk>().Open(
        new OpenAssetDisposal(id, "HP-210-BLK", "SN-1", "CC-1"), CoordinationMode.Event, CancellationToken.None);
}
