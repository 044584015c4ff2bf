namespace EseErp.DemoData;

/// <summary>Who the customers are, and which of them placed an order. Every answer depends on seed and number alone.</summary>
internal sealed class CustomerBook(int seed)
{
    /// <summary>
    /// Customers come in blocks that grow with the orders, so that customer and order numbers stay the same however many
    /// orders are asked for.
    /// </summary>
    public const int CustomersPerBlock = 200;

    /// <summary>Orders placed by the customers of one block.</summary>
    public const int OrdersPerBlock = 1000;

    private static readonly CountryRow[] CountryOfPercent =
        [.. CountryTable.Countries.SelectMany(country => Enumerable.Repeat(country, country.Percent))];

    public static int CountFor(int orders) => CustomersPerBlock * ((orders + OrdersPerBlock - 1) / OrdersPerBlock);

    public static string IdOf(int number) => $"C-{number:D5}";

    /// <summary>37 and 100 share no divisor, so every hundred customers hit the shares of the table exactly.</summary>
    public static CountryRow CountryOf(int number) => CountryOfPercent[number % 100 * 37 % 100];

    public DemoCustomer Customer(int number)
    {
        var country = CountryOf(number);
        var chance = SplitMix64.For(seed, DemoKind.Customer, number);
        var name = $"{chance.Pick(country.GivenNames)} {chance.Pick(country.FamilyNames)}";
        return new DemoCustomer(IdOf(number), name, country.Code, country.Currency, country.ReturnLocation);
    }

    /// <summary>The number of a customer for an order, with the given currency if there is one.</summary>
    public static int NumberFor(int order, ref SplitMix64 chance, string? currency)
    {
        var firstOfBlock = 1 + ((order - 1) / OrdersPerBlock * CustomersPerBlock);
        var offset = chance.Below(CustomersPerBlock);
        while (currency is not null && CountryOf(firstOfBlock + offset).Currency != currency)
            offset = (offset + 1) % CustomersPerBlock;
        return firstOfBlock + offset;
    }
}
