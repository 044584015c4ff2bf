using System.Diagnostics.CodeAnalysis;
using System.Net.Mime;
using MassTransit;
using MassTransit.Serialization;

namespace EseErp.Messaging;

/// <summary>
/// Hands MassTransit the fact that the pump has already read: it travels as a payload of the receive context, and the bytes
/// are not parsed twice.
/// </summary>
internal sealed class CloudEventDeserializer : ISerializerFactory, IMessageDeserializer
{
    private static readonly ContentType MediaType = new(CloudEvent.ContentType);

    public ContentType ContentType => MediaType;

    public IMessageSerializer CreateSerializer() => throw new NotSupportedException("Facts leave through the event log.");

    public IMessageDeserializer CreateDeserializer() => this;

    public void Probe(ProbeContext context) => context.CreateScope("cloudevents");

    public ConsumeContext Deserialize(ReceiveContext receiveContext) =>
        new BodyConsumeContext(receiveContext, new Context(receiveContext.GetPayload<ReceivedEvent>(), receiveContext));

    public SerializerContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress = null) =>
        throw new NotSupportedException("Events are read by the pump.");

    public MessageBody GetMessageBody(string text) => new StringMessageBody(text);

    private sealed class Context(ReceivedEvent e, ReceiveContext receiveContext) : SystemTextJsonRawSerializerContext(
        SystemTextJsonMessageSerializer.Instance,
        SystemTextJsonMessageSerializer.Options,
        MediaType,
        new RawMessageContext(receiveContext.TransportHeaders, receiveContext.InputAddress, RawSerializerOptions.AnyMessageType),
        [],
        RawSerializerOptions.AnyMessageType,
        default)
    {
        public override bool IsSupportedMessageType<T>() => e.Message is T;

        public override bool IsSupportedMessageType(Type messageType) => messageType.IsInstanceOfType(e.Message);

        public override bool TryGetMessage<T>([NotNullWhen(true)] out T? message) where T : class
        {
            message = e.Message as T;
            return message is not null;
        }

        public override bool TryGetMessage(Type messageType, [NotNullWhen(true)] out object? message)
        {
            message = messageType.IsInstanceOfType(e.Message) ? e.Message : null;
            return message is not null;
        }
    }
}
