using EseErp.Lab.Returns;

namespace EseErp.Lab.Auditing;

/// <summary>A return as Tracking shows it.</summary>
internal sealed record TrackedDocument(
    string Status, bool IsClosed, string? Refund, string? Replacement, string? Item, string? Disassembly, string? Disposal);

/// <summary>Everything that is known of one return anywhere: what its client was told, and what each team has on file.</summary>
internal sealed class Dossier(string returnId)
{
    public string ReturnId => returnId;

    /// <summary>Null: no client knows of this return.</summary>
    public FiledReturn? Filed { get; set; }

    /// <summary>The state of each team's document, by the name of the document; missing where there is none.</summary>
    public Dictionary<string, string> Documents { get; } = [];

    public TrackedDocument? Tracked { get; set; }

    /// <summary>Rows of Tracking's timeline.</summary>
    public long Timeline { get; set; }

    /// <summary>Journal entries by their cause.</summary>
    public Dictionary<string, long> Journal { get; } = [];

    /// <summary>Recorded facts by event type, of all teams.</summary>
    public Dictionary<string, long> Facts { get; } = [];
}

/// <summary>The documents of a return, each with the team that keeps it.</summary>
internal static class Documents
{
    public const string Return = "return";
    public const string Refund = "refund";
    public const string Replacement = "replacement";
    public const string Receipt = "receipt";
    public const string Disassembly = "disassembly";
    public const string Disposal = "disposal";

    public static IReadOnlyList<(string Document, string Team)> All { get; } =
    [
        (Return, "user-support"), (Refund, "sales"), (Replacement, "inventory"), (Receipt, "inventory"), (Disassembly, "manufacturing"),
        (Disposal, "accounting"),
    ];
}
