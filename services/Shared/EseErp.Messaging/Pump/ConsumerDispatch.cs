using System.Collections.Frozen;
using EseErp.EventStore;
using MassTransit;
using MassTransit.Transports;
using Microsoft.Extensions.DependencyInjection;

namespace EseErp.Messaging;

/// <summary>
/// Runs the MassTransit consumers subscribed to an event, in the pump's scope: the scope travels as a payload, so all
/// messages of a batch share one DbContext and one transaction.
/// </summary>
internal sealed class ConsumerDispatch
{
    private static readonly Dictionary<string, object> Headers = new() { ["Content-Type"] = CloudEvent.ContentType };

    private readonly Dictionary<(string Topic, Type Message), List<IReceiveEndpointDispatcher>> _dispatchers = [];
    private readonly Dictionary<string, HashSet<string>> _subscribed = [];
    private readonly Dictionary<string, HashSet<string>> _facts = [];

    private readonly Dictionary<(string Topic, Type Message), RetryPolicy> _retries = [];

    public ConsumerDispatch(Subscriptions subscriptions, EventTypes types, IReceiveEndpointDispatcherFactory factory)
    {
        foreach (var (topic, consumers) in subscriptions.Topics)
            foreach (var consumer in consumers)
            {
                var (dispatcher, retry) = (Dispatcher(factory, consumer), RetryPolicy.Of(consumer));
                foreach (var message in MessagesOf(consumer))
                {
                    if (!_subscribed.TryGetValue(topic, out var names)) _subscribed[topic] = names = [];
                    names.UnionWith(types.NamesOf(message));
                    if (!_facts.TryGetValue(topic, out var facts)) _facts[topic] = facts = [];
                    facts.UnionWith(types.NamesOf(message).Select(EventVersion.NameOf));
                    if (!_dispatchers.TryGetValue((topic, message), out var list)) _dispatchers[(topic, message)] = list = [];
                    list.Add(dispatcher);
                    // Consumers of one event share its transaction, hence its attempts: the most patient decides.
                    if (!_retries.TryGetValue((topic, message), out var known) || known.Attempts < retry.Attempts) _retries[(topic, message)] = retry;
                }
            }
    }

    /// <summary>The event types that anyone here consumes from this topic, earlier versions of them included.</summary>
    public IReadOnlySet<string> Subscribed(string topic) => _subscribed.TryGetValue(topic, out var names) ? names : FrozenSet<string>.Empty;

    /// <summary>Whether somebody here consumes this fact, but not in this version, which the build does not know.</summary>
    public bool IsUnknownVersion(string topic, string type) =>
        _facts.TryGetValue(topic, out var facts) && EventVersion.Of(type) is { IsEmpty: false } fact
        && facts.GetAlternateLookup<ReadOnlySpan<char>>().Contains(fact) && !_subscribed[topic].Contains(type);

    /// <summary>How often an event of this topic is tried.</summary>
    public RetryPolicy RetryPolicyOf(string topic, Type message) => _retries[(topic, message)];

    public async Task Dispatch(string topic, byte[] value, ReceivedEvent e, IServiceScope scope, CancellationToken cancellationToken)
    {
        foreach (var dispatcher in _dispatchers[(topic, e.Message.GetType())])
            await dispatcher.Dispatch(value, Headers, cancellationToken, scope, e);
    }

    internal static IEnumerable<Type> MessagesOf(Type consumer) => consumer.GetInterfaces()
        .Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IConsumer<>))
        .Select(type => type.GetGenericArguments()[0]);

    private static IReceiveEndpointDispatcher Dispatcher(IReceiveEndpointDispatcherFactory factory, Type consumer) =>
        (IReceiveEndpointDispatcher)typeof(IReceiveEndpointDispatcherFactory)
            .GetMethod(nameof(IReceiveEndpointDispatcherFactory.CreateConsumerReceiver))!
            .MakeGenericMethod(consumer)
            .Invoke(factory, [consumer.Name])!;
}
