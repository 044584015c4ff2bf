using System.Security.Cryptography;
using System.Text.Json;
using EseErp.Launcher.Supervision;

namespace EseErp.Launcher.Postgres;

/// <summary>Random passwords of database roles, kept in a file only its owner can read; made when first asked for.</summary>
public sealed class Secrets(string path)
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true };
    private readonly Lock _gate = new();

    public bool Exist => File.Exists(path);

    public string PasswordOf(string role)
    {
        lock (_gate)
        {
            var passwords = Read();
            if (passwords.TryGetValue(role, out var known))
                return known;
            var password = RandomNumberGenerator.GetHexString(40, lowercase: true);
            passwords[role] = password;
            TextFiles.Replace(path, JsonSerializer.Serialize(passwords, s_json));
            return password;
        }
    }

    private SortedDictionary<string, string> Read()
    {
        if (!File.Exists(path))
            return [];
        try
        {
            return JsonSerializer.Deserialize<SortedDictionary<string, string>>(File.ReadAllText(path)) ?? [];
        }
        catch (JsonException failure)
        {
            throw new LauncherException($"{path} is not readable as JSON; delete it to get new passwords.", failure);
        }
    }
}
