using System.Globalization;
using System.Text;
using System.Text.Json;
using EseErp.Launcher.Api;

namespace EseErp.Launcher.Output;

/// <summary>Shows a return: the answer to filing it, its timeline, the teams' documents.</summary>
internal static class ReturnView
{
    private const int Width = 110;

    public static void Answer(ApiAnswer answer)
    {
        var text = $"User Support answered {answer.Status}";
        if (answer.Succeeded)
            Screen.Line($"{text}: {answer.Body.Text("returnId")}, {answer.Body.Text("mode")} mode, {answer.Body.Text("status")}");
        else
            Screen.Line($"{text}: {answer.Body.Explanation()}");
    }

    public static void Entry(JsonElement entry)
    {
        var time = DateTimeOffset.TryParse(entry.Text("time"), CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed)
            ? parsed.ToLocalTime().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture)
            : entry.Text("time") ?? "";
        Screen.Line($"  {time,-12}  {entry.Text("team"),-13}  {ShortName(entry.Text("type")),-30}  {entry.Text("summary")}");
    }

    public static void Document(string title, JsonElement document)
    {
        Screen.Line($"  {title}");
        var line = new StringBuilder("   ");
        foreach (var (path, value) in document.Flatten().Where(entry => !entry.Path.StartsWith("links", StringComparison.Ordinal)))
        {
            var piece = $" {path}: {value} ";
            if (line.Length > 3 && line.Length + piece.Length > Width)
            {
                Screen.Line(line.ToString().TrimEnd());
                line.Clear().Append("   ");
            }

            line.Append(piece);
        }

        Screen.Line(line.ToString().TrimEnd());
    }

    /// <summary><c>ese.sales.order-refund-authorized.v1</c> → <c>order-refund-authorized</c>.</summary>
    private static string ShortName(string? type) =>
        type?.Split('.') is { Length: > 3 } parts && parts[0] == "ese" ? string.Join('.', parts[2..^1]) : type ?? "";
}
