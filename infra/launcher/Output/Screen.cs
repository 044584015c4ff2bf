using System.Globalization;
using System.Text;
using Spectre.Console;

namespace EseErp.Launcher.Output;

/// <summary>Writes for people: tables and colours on a terminal, plain aligned text anywhere else.</summary>
internal static class Screen
{
    private static readonly Lock s_gate = new();

    /// <summary>Minutes, however many, and seconds.</summary>
    public static string Clock(TimeSpan elapsed) => string.Create(CultureInfo.InvariantCulture, $"{(int)elapsed.TotalMinutes}:{elapsed:ss}");

    public static void Line(string text = "")
    {
        lock (s_gate)
            Quietly(() => Console.Out.WriteLine(text));
    }

    public static void Error(string text)
    {
        lock (s_gate)
            Quietly(() => Console.Error.WriteLine(text));
    }

    public static void Heading(string text)
    {
        lock (s_gate)
        {
            Quietly(() =>
            {
                Console.Out.WriteLine();
                if (Console.IsOutputRedirected)
                    Console.Out.WriteLine(text);
                else
                    AnsiConsole.MarkupLine($"[bold]{Markup.Escape(text)}[/]");
            });
        }
    }

    public static void Table(IReadOnlyList<string> headers, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        lock (s_gate)
            Quietly(() => WriteTable(headers, rows));
    }

    private static void WriteTable(IReadOnlyList<string> headers, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        if (!Console.IsOutputRedirected)
        {
            var table = new Table { Border = TableBorder.Rounded };
            foreach (var header in headers)
                table.AddColumn(new TableColumn(Markup.Escape(header)).NoWrap());
            foreach (var row in rows)
                table.AddRow(row.Select(Markup.Escape).ToArray());
            AnsiConsole.Write(table);
            return;
        }

        var widths = headers.Select((header, column) => rows.Select(row => row[column].Length).Append(header.Length).Max()).ToList();
        foreach (var row in rows.Prepend(headers))
        {
            var line = new StringBuilder();
            for (var column = 0; column < row.Count; column++)
                line.Append(row[column].PadRight(widths[column] + 2));
            Console.Out.WriteLine(line.ToString().TrimEnd());
        }
    }

    /// <summary>A terminal that was closed is no reason to stop, least of all to stop stopping.</summary>
    private static void Quietly(Action write)
    {
        try
        {
            write();
        }
        catch (IOException)
        {
        }
    }
}
