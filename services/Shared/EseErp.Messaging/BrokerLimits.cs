using System.Text;

namespace EseErp.Messaging;

/// <summary>What every engine takes, so that a message that goes through one goes through all.</summary>
public static class BrokerLimits
{
    /// <summary>Bytes of a message's value; below Kafka's default limit for a message, 1,048,588 bytes.</summary>
    public const int MostValueBytes = 1_000_000;

    /// <summary>Bytes of a message's key in UTF-8.</summary>
    public const int MostKeyBytes = 1_000;

    /// <exception cref="MessageTooLargeException">It is over a limit; nothing was published.</exception>
    internal static void Check(string key, byte[] value)
    {
        if (value.Length > MostValueBytes) throw new MessageTooLargeException($"A message of key {key} has {value.Length} bytes; the most is {MostValueBytes}.");
        if (Encoding.UTF8.GetByteCount(key) > MostKeyBytes) throw new MessageTooLargeException($"A message's key has {key.Length} characters; the most is {MostKeyBytes} bytes.");
    }
}

/// <summary>A message is larger than a broker takes.</summary>
public sealed class MessageTooLargeException(string message) : Exception(message);
