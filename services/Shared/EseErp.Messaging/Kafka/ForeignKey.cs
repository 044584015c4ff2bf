using System.Security.Cryptography;
using System.Text;

namespace EseErp.Messaging.Kafka;

/// <summary>Keys of records that other programs have written, which may be any bytes.</summary>
internal static class ForeignKey
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>The key as text. One that is no text a database takes, or too long, is known by its digest.</summary>
    public static string Read(byte[]? key)
    {
        if (key is null) return "";
        try
        {
            if (key.Length <= BrokerLimits.MostKeyBytes && Array.IndexOf(key, (byte)0) < 0) return Strict.GetString(key);
        }
        catch (DecoderFallbackException)
        {
        }

        return $"sha256:{Convert.ToHexStringLower(SHA256.HashData(key))}";
    }
}
