using System.Linq.Expressions;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;

namespace EseErp.Registry;

/// <summary>Keeps the rows that the hot paths read in step with the registry, in the transaction of the change.</summary>
public interface IRegistryProjection<in T>
{
    /// <summary>Writes what changed, as sets: a seeding brings thousands at once.</summary>
    /// <param name="current">The documents as they are now; their rows may be there or not.</param>
    /// <param name="deleted">The ids of what is gone.</param>
    Task Apply(IReadOnlyList<T> current, IReadOnlyList<string> deleted, CancellationToken cancellationToken);
}

/// <summary>The entity types of a service.</summary>
public sealed class RegistryTypes
{
    private readonly List<RegistryType> _all = [];

    public IReadOnlyList<RegistryType> All => _all;

    /// <summary>Declares a type under <c>/registry/{name}</c>. Its schemas are embedded beside the record (<see cref="EntitySchema.Embedded"/>).</summary>
    /// <typeparam name="T">The document as code reads it; members the schema has beyond it are kept all the same.</typeparam>
    /// <param name="key">The member that is the id; always text, and never changed.</param>
    public RegistryType<T> Type<T>(string name, Expression<Func<T, string>> key) where T : class =>
        Add(new RegistryType<T>(name, key, EntitySchema.Embedded(typeof(T).Assembly, name)));

    internal RegistryType<T> Add<T>(RegistryType<T> type) where T : class
    {
        _all.Add(type);
        return type;
    }

    internal RegistryType<T> Of<T>() where T : class => _all.OfType<RegistryType<T>>().Single();
}

/// <summary>An entity type.</summary>
public abstract class RegistryType
{
    private protected RegistryType(string name, string key, IReadOnlyList<EntitySchema> schemas)
    {
        (Name, Key, Schemas) = (name, key, schemas);
        if (!Newest.Shape.Required.Contains(key) || !Newest.Shape.Members[key].Types.SetEquals(["string"]))
            throw new InvalidOperationException($"The newest schema of {name} must require its key {key} as text.");
    }

    /// <summary>As in its address, such as <c>landed-costs</c>.</summary>
    public string Name { get; }

    /// <summary>The JSON member that is the id.</summary>
    public string Key { get; }

    /// <summary>Version 1 first.</summary>
    public IReadOnlyList<EntitySchema> Schemas { get; }

    public EntitySchema Newest => Schemas[^1];

    /// <summary>The id that Swagger offers to read; null: that of the example.</summary>
    internal Func<string>? ExistingId { get; private protected set; }

    internal Func<JsonObject>? ExamplePatch { get; private protected set; }

    internal abstract JsonObject Example { get; }

    internal string ExampleId => (string)Example[Key]!;

    internal Type? Projection { get; private protected set; }

    /// <summary>Everything that is wrong with a document: by the schema, and if that finds nothing by the type's own rules.</summary>
    internal abstract Faults Check(JsonElement document);

    internal abstract Task Project(IServiceProvider services, IReadOnlyList<string> current, IReadOnlyList<string> deleted, CancellationToken cancellationToken);
}

/// <summary>An entity type that code reads as <typeparamref name="T"/>.</summary>
public sealed class RegistryType<T> : RegistryType where T : class
{
    private readonly Func<T, string> _key;
    private Func<JsonObject>? _example;
    private Action<T, Faults>? _rule;

    internal RegistryType(string name, Expression<Func<T, string>> key, IReadOnlyList<EntitySchema> schemas)
        : base(name, JsonNamingPolicy.CamelCase.ConvertName(((MemberExpression)key.Body).Member.Name), schemas) => _key = key.Compile();

    /// <summary>Keeps typed rows in step.</summary>
    public RegistryType<T> Updates<TProjection>() where TProjection : class, IRegistryProjection<T>
    {
        Projection = typeof(TProjection);
        return this;
    }

    /// <summary>A rule that a schema cannot express; asked only of what the schema allows.</summary>
    public RegistryType<T> Requires(Action<T, Faults> rule)
    {
        _rule = rule;
        return this;
    }

    /// <summary>What Swagger offers.</summary>
    /// <param name="document">Created, changed and deleted there: an entity that nobody needs.</param>
    /// <param name="patch">A merge patch of it.</param>
    /// <param name="existing">The id offered for reading; that of the example if not given.</param>
    public RegistryType<T> Shows(T document, object patch, Func<string>? existing = null)
    {
        _example = () => JsonSerializer.SerializeToNode(document, RegistryJson.Options)!.AsObject();
        ExamplePatch = () => JsonSerializer.SerializeToNode(patch, RegistryJson.Options)!.AsObject();
        ExistingId = existing;
        return this;
    }

    internal override JsonObject Example =>
        (_example ?? throw new InvalidOperationException($"{Name} has no example: Swagger would have nothing to execute."))();

    internal override Faults Check(JsonElement document)
    {
        var faults = new Faults();
        Newest.Check(document, faults);
        if (!faults.Any) _rule?.Invoke(document.Deserialize<T>(RegistryJson.Options)!, faults);
        return faults;
    }

    internal string IdOf(T document) => _key(document);

    internal override Task Project(IServiceProvider services, IReadOnlyList<string> current, IReadOnlyList<string> deleted, CancellationToken cancellationToken) =>
        Project(services, current.Select(document => JsonSerializer.Deserialize<T>(document, RegistryJson.Options)!).ToList(), deleted, cancellationToken);

    internal Task Project(IServiceProvider services, IReadOnlyList<T> current, IReadOnlyList<string> deleted, CancellationToken cancellationToken) =>
        Projection is null ? Task.CompletedTask : ((IRegistryProjection<T>)services.GetRequiredService(Projection)).Apply(current, deleted, cancellationToken);
}
