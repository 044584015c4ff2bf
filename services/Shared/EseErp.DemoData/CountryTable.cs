namespace EseErp.DemoData;

/// <summary>Where customers live.</summary>
/// <param name="Code">ISO 3166-1 alpha-2.</param>
/// <param name="Percent">Share of the customers.</param>
/// <param name="ReturnLocation">Code of the warehouse that takes their returns.</param>
internal sealed record CountryRow(
    string Code, int Percent, string Currency, string ReturnLocation, string[] GivenNames, string[] FamilyNames);

/// <summary>The countries; their shares add up to 100 %.</summary>
internal static class CountryTable
{
    public static readonly IReadOnlyList<CountryRow> Countries =
    [
        new("DE", 34, Currencies.Euro, "WH-HAM",
            ["Anna", "Lukas", "Sophie", "Jonas", "Lena", "Felix", "Katharina", "Maximilian", "Johanna", "Tobias", "Miriam", "Stefan"],
            ["Müller", "Schneider", "Fischer", "Weber", "Wagner", "Becker", "Hoffmann", "Koch", "Richter", "Klein", "Yilmaz", "Neumann"]),
        new("AT", 8, Currencies.Euro, "WH-HAM",
            ["Magdalena", "Florian", "Theresa", "Dominik", "Elisabeth", "Matthias"],
            ["Gruber", "Huber", "Pichler", "Steiner", "Moser", "Hofer"]),
        new("NL", 10, Currencies.Euro, "WH-RTM",
            ["Sanne", "Daan", "Fleur", "Bram", "Lotte", "Thijs", "Anouk", "Ruben"],
            ["de Jong", "Jansen", "de Vries", "van den Berg", "Bakker", "Visser", "Smit", "Mulder"]),
        new("FR", 14, Currencies.Euro, "WH-LYS",
            ["Camille", "Hugo", "Manon", "Louis", "Chloé", "Antoine", "Inès", "Mathieu"],
            ["Martin", "Bernard", "Dubois", "Moreau", "Laurent", "Lefèvre", "Garnier", "Rousseau"]),
        new("IT", 8, Currencies.Euro, "WH-BGY",
            ["Giulia", "Lorenzo", "Chiara", "Matteo", "Francesca", "Davide"],
            ["Rossi", "Ferrari", "Bianchi", "Romano", "Colombo", "Ricci"]),
        new("ES", 6, Currencies.Euro, "WH-LYS",
            ["Lucía", "Alejandro", "Carmen", "Javier", "Marta", "Diego"],
            ["García", "Fernández", "López", "Sánchez", "Navarro", "Romero"]),
        new("FI", 2, Currencies.Euro, "WH-HAM",
            ["Aino", "Eero", "Helmi", "Onni"],
            ["Korhonen", "Virtanen", "Mäkinen", "Nieminen"]),
        new("IE", 2, Currencies.Euro, "WH-BHX",
            ["Aoife", "Conor", "Niamh", "Cian"],
            ["Murphy", "Kelly", "O'Brien", "Byrne"]),
        new("CH", 6, Currencies.SwissFranc, "WH-ZRH",
            ["Nina", "Reto", "Céline", "Marco", "Livia", "Urs"],
            ["Meier", "Keller", "Brunner", "Favre", "Bernasconi", "Frei"]),
        new("GB", 6, Currencies.Pound, "WH-BHX",
            ["Emily", "Oliver", "Charlotte", "George", "Priya", "Callum"],
            ["Smith", "Taylor", "Evans", "Walker", "Patel", "Campbell"]),
        new("US", 4, Currencies.Dollar, "WH-EWR",
            ["Ashley", "Michael", "Jessica", "Tyler", "Maria"],
            ["Johnson", "Williams", "Garcia", "Davis", "Nguyen"]),
    ];

    public static readonly IReadOnlyList<DemoLocation> Locations =
    [
        new("WH-HAM", "Hamburg returns center", "DE"),
        new("WH-RTM", "Rotterdam warehouse", "NL"),
        new("WH-LYS", "Lyon warehouse", "FR"),
        new("WH-BGY", "Bergamo warehouse", "IT"),
        new("WH-ZRH", "Zürich warehouse", "CH"),
        new("WH-BHX", "Birmingham warehouse", "GB"),
        new("WH-EWR", "Newark warehouse", "US"),
    ];
}
