using System.Globalization;
using System.Net;
using System.Text;

namespace EseErp.Lab.Comparison;

/// <summary>Draws charts as SVG that needs nothing else; colours are the page's, so that they fit light and dark.</summary>
internal static class Charts
{
    private const int Width = 860;
    private const int LabelWidth = 190;
    private const int RowHeight = 22;

    /// <summary>Percentiles of all modes per scenario on a logarithmic axis: a line from p50 to p99, with a mark at p95.</summary>
    public static string Ranges(IReadOnlyList<(string Label, string Mode, double P50, double P95, double P99)> rows, string title)
    {
        var known = rows.Where(row => row.P99 > 0).ToList();
        if (known.Count == 0)
            return "";
        var (low, high) = (Math.Floor(Math.Log10(Math.Max(0.1, known.Min(row => row.P50)))), Math.Ceiling(Math.Log10(known.Max(row => row.P99) * 1.05)));
        high = Math.Max(high, low + 1);
        var groups = rows.Select(row => row.Label).Distinct().ToList();
        var each = rows.Count / groups.Count;
        var height = (groups.Count * ((each * RowHeight) + 10)) + 30;
        var svg = Begin(height, title);
        for (var power = low; power <= high; power++)
            Tick(svg, X(Math.Pow(10, power)), height, Duration(Math.Pow(10, power)));
        foreach (var (row, index) in rows.Select((row, index) => (row, index)))
        {
            var y = 14 + (index / each * ((each * RowHeight) + 10)) + (index % each * RowHeight);
            if (index % each == 0)
                Text(svg, 0, y + 4, "label", row.Label);
            if (row.P99 <= 0)
            {
                Text(svg, LabelWidth, y + 4, "value", $"{row.Mode}: too few returns");
                continue;
            }

            var tip = $"{row.Label}, {row.Mode}: p50 {Duration(row.P50)}, p95 {Duration(row.P95)}, p99 {Duration(row.P99)}";
            svg.Append(Inv($"<g class=\"{row.Mode}\"><title>{Html(tip)}</title>"));
            svg.Append(Inv($"<line class=\"range\" x1=\"{X(row.P50):0.0}\" x2=\"{X(row.P99):0.0}\" y1=\"{y}\" y2=\"{y}\"/>"));
            svg.Append(Inv($"<circle cx=\"{X(row.P50):0.0}\" cy=\"{y}\" r=\"5\"/><circle class=\"open\" cx=\"{X(row.P95):0.0}\" cy=\"{y}\" r=\"4\"/>"));
            svg.Append(Inv($"<line class=\"end\" x1=\"{X(row.P99):0.0}\" x2=\"{X(row.P99):0.0}\" y1=\"{y - 6}\" y2=\"{y + 6}\"/></g>"));
            Text(svg, X(row.P99) + 8, y + 4, "value", Duration(row.P99));
        }

        return svg.Append("</svg>").ToString();

        double X(double value) => LabelWidth + ((Math.Log10(Math.Max(value, Math.Pow(10, low))) - low) / (high - low) * (Width - LabelWidth - 70));
    }

    /// <summary>Shares of a whole, one bar per row.</summary>
    public static string Stacks(IReadOnlyList<(string Label, string Mode, IReadOnlyList<(string Class, string What, double Share)> Parts)> rows, string title)
    {
        var each = rows.Count / Math.Max(1, rows.Select(row => row.Label).Distinct().Count());
        var height = (rows.Count / Math.Max(1, each) * ((each * RowHeight) + 10)) + 24;
        var svg = Begin(height, title);
        const double Full = Width - LabelWidth - 130;
        foreach (var (row, index) in rows.Select((row, index) => (row, index)))
        {
            var y = 6 + (index / each * ((each * RowHeight) + 10)) + (index % each * RowHeight);
            if (index % each == 0)
                Text(svg, 0, y + 13, "label", row.Label);
            var x = (double)LabelWidth;
            foreach (var (style, what, share) in row.Parts.Where(part => part.Share > 0))
            {
                svg.Append(Inv($"<rect class=\"{style}\" x=\"{x:0.0}\" y=\"{y}\" width=\"{Math.Max(1, share * Full):0.0}\" height=\"{RowHeight - 5}\"><title>{Html($"{row.Label}, {row.Mode}: {what} {100 * share:0.0} %")}</title></rect>"));
                x += share * Full;
            }

            Text(svg, LabelWidth + Full + 8, y + 13, "value", row.Mode);
        }

        return svg.Append("</svg>").ToString();
    }

    /// <summary>A bar for each mode per figure, each figure on a scale of its own.</summary>
    public static string Bars(IReadOnlyList<(string Label, IReadOnlyList<(string Mode, double? Value)> Values, Func<double?, string> Text)> rows, string title)
    {
        var each = rows.Max(row => row.Values.Count);
        var height = (rows.Count * ((each * RowHeight) + 10)) + 10;
        var svg = Begin(height, title);
        const int Label = 340;
        const double Full = Width - Label - 90;
        foreach (var (row, index) in rows.Select((row, index) => (row, index)))
        {
            var y = 6 + (index * ((each * RowHeight) + 10));
            Text(svg, 0, y + 13, "label", row.Label);
            var most = Math.Max(row.Values.Max(value => value.Value ?? 0), 1e-9);
            foreach (var ((mode, value), place) in row.Values.Select((value, place) => (value, place)))
            {
                var width = Math.Max(1, (value ?? 0) / most * Full);
                svg.Append(Inv($"<rect class=\"bar {mode}\" x=\"{Label}\" y=\"{y + (place * RowHeight)}\" width=\"{width:0.0}\" height=\"{RowHeight - 5}\"/>"));
                Text(svg, Label + width + 6, y + (place * RowHeight) + 13, "value", row.Text(value));
            }
        }

        return svg.Append("</svg>").ToString();
    }

    /// <summary>How many returns are due and not settled, over the time of a round, in each mode.</summary>
    public static string Lines(IReadOnlyList<(string Mode, IReadOnlyList<(double Seconds, int Returns)> Points)> lines, string title)
    {
        const int W = 400, H = 170, Left = 36, Bottom = 24, Top = 10;
        var (seconds, returns) = (Math.Max(0.1, lines.Max(line => line.Points.Count > 0 ? line.Points[^1].Seconds : 0)), Math.Max(4, lines.SelectMany(line => line.Points).Select(point => point.Returns).DefaultIfEmpty().Max()));
        var svg = new StringBuilder(Inv($"<svg viewBox=\"0 0 {W} {H}\" role=\"img\" aria-label=\"{Html(title)}\">"));
        double X(double at) => Left + (at / seconds * (W - Left - 14));
        double Y(double count) => H - Bottom - (count / returns * (H - Bottom - Top));
        svg.Append(Inv($"<line class=\"axis\" x1=\"{Left}\" x2=\"{W - 10}\" y1=\"{Y(0):0.0}\" y2=\"{Y(0):0.0}\"/><line class=\"grid\" x1=\"{Left}\" x2=\"{W - 10}\" y1=\"{Y(returns):0.0}\" y2=\"{Y(returns):0.0}\"/>"));
        Text(svg, Left - 6, Y(0) + 4, "tick right", "0");
        Text(svg, Left - 6, Y(returns) + 4, "tick right", Inv($"{returns}"));
        Text(svg, Left, H - 6, "tick", "0 s");
        Text(svg, W - 10, H - 6, "tick right", Inv($"{seconds:0} s"));
        foreach (var (mode, points) in lines.Where(line => line.Points.Count > 0))
            svg.Append(Inv($"<polyline class=\"line {mode}\" points=\"{string.Join(' ', points.Select(point => Inv($"{X(point.Seconds):0.0},{Y(point.Returns):0.0}")))}\"/>"));
        return svg.Append("</svg>").ToString();
    }

    public static string Duration(double milliseconds) => milliseconds switch
    {
        < 1 => Inv($"{milliseconds:0.0} ms"),
        < 10 => Inv($"{milliseconds:0.#} ms"),
        < 1000 => Inv($"{milliseconds:0} ms"),
        _ => Inv($"{milliseconds / 1000:0.#} s"),
    };

    public static string Html(string text) => WebUtility.HtmlEncode(text);

    private static StringBuilder Begin(int height, string title) =>
        new(Inv($"<svg viewBox=\"0 0 {Width} {height}\" role=\"img\" aria-label=\"{Html(title)}\">"));

    private static void Tick(StringBuilder svg, double x, int height, string text)
    {
        svg.Append(Inv($"<line class=\"grid\" x1=\"{x:0.0}\" x2=\"{x:0.0}\" y1=\"0\" y2=\"{height - 22}\"/>"));
        Text(svg, x, height - 6, "tick middle", text);
    }

    private static void Text(StringBuilder svg, double x, double y, string style, string text) =>
        svg.Append(Inv($"<text class=\"{style}\" x=\"{x:0.0}\" y=\"{y:0.0}\">{Html(text)}</text>"));

    private static string Inv(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
