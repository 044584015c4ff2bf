namespace EseErp.Accounting.Journal;

/// <summary>The chart of accounts. Fixed: the database refuses a line on any other account.</summary>
public static class Account
{
    public const string SalesReturns = "Sales Returns";
    public const string CustomerRefundsPayable = "Customer Refunds Payable";
    public const string ReturnedGoods = "Returned Goods";
    public const string CostOfGoodsSold = "Cost of Goods Sold";
    public const string WarrantyExpense = "Warranty Expense";
    public const string FinishedGoods = "Finished Goods";
    public const string ComponentInventory = "Component Inventory";
    public const string DisposalLoss = "Disposal Loss";
    public const string ReturnProcessingExpense = "Return Processing Expense";
    public const string AccruedLabour = "Accrued Labour";

    /// <summary>What bears the cost of a return; the other accounts say where the money and the goods are.</summary>
    public static IReadOnlyList<string> Expenses { get; } = [SalesReturns, CostOfGoodsSold, WarrantyExpense, DisposalLoss, ReturnProcessingExpense];

    public static IReadOnlyList<string> All { get; } =
    [
        SalesReturns, CustomerRefundsPayable, ReturnedGoods, CostOfGoodsSold, WarrantyExpense, FinishedGoods, ComponentInventory, DisposalLoss,
        ReturnProcessingExpense, AccruedLabour,
    ];
}
