using System.Collections.Concurrent;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace EseErp.ServiceDefaults;

/// <summary>
/// Summaries from the XML documentation beside an assembly. Read at run time, when a document is first asked for: the
/// package's source generator sees only the project that calls AddOpenApi, which is this library and no service.
/// </summary>
internal sealed partial class XmlDocs
{
    private readonly ConcurrentDictionary<Assembly, IReadOnlyDictionary<string, XElement>> membersByAssembly = new();

    public string? Of(Type type) => Summary(Member(type.Assembly, "T:" + NameOf(type)));

    public string? Of(PropertyInfo property)
    {
        var type = property.DeclaringType!;
        return Summary(Member(type.Assembly, $"P:{NameOf(type)}.{property.Name}"))
            ?? Parameter(Member(type.Assembly, "T:" + NameOf(type)), property.Name);
    }

    public string? Of(MethodInfo method) => Summary(MemberOf(method));

    public string? Of(ParameterInfo parameter) =>
        parameter.Member is MethodInfo method ? Parameter(MemberOf(method), parameter.Name)
        : parameter.Member is ConstructorInfo { DeclaringType: { } type } ? Parameter(Member(type.Assembly, "T:" + NameOf(type)), parameter.Name)
        : parameter.Member is PropertyInfo property ? Of(property)
        : null;

    private XElement? MemberOf(MethodInfo method)
    {
        if (method.DeclaringType is not { } type) return null;
        // Signatures are not compared: an endpoint's handler has no overloads worth telling apart.
        var start = $"M:{NameOf(type)}.{method.Name}";
        return MembersOf(type.Assembly)
            .Where(member => member.Key == start || member.Key.StartsWith(start + "(", StringComparison.Ordinal))
            .Select(member => member.Value).FirstOrDefault();
    }

    private XElement? Member(Assembly assembly, string name) => MembersOf(assembly).GetValueOrDefault(name);

    private IReadOnlyDictionary<string, XElement> MembersOf(Assembly assembly) => membersByAssembly.GetOrAdd(assembly, static documented =>
    {
        var file = documented.IsDynamic || documented.Location.Length == 0 ? null : Path.ChangeExtension(documented.Location, ".xml");
        return file is not null && File.Exists(file)
            ? XDocument.Load(file).Descendants("member").DistinctBy(member => member.Attribute("name")?.Value)
                .ToDictionary(member => member.Attribute("name")?.Value ?? string.Empty, StringComparer.Ordinal)
            : new Dictionary<string, XElement>();
    });

    private static string NameOf(Type type) => (type.IsConstructedGenericType ? type.GetGenericTypeDefinition() : type).FullName?.Replace('+', '.') ?? type.Name;

    private static string? Parameter(XElement? member, string? name) =>
        Text(member?.Elements("param").FirstOrDefault(parameter => parameter.Attribute("name")?.Value == name));

    private static string? Summary(XElement? member) => Text(member?.Element("summary"));

    private static string? Text(XElement? element)
    {
        if (element is null) return null;
        var text = string.Concat(element.Nodes().Select(node => node switch
        {
            XText plain => plain.Value,
            XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
            XElement reference => reference.Attribute("cref")?.Value.Split('.')[^1] ?? reference.Attribute("name")?.Value ?? reference.Value,
            _ => string.Empty,
        }));
        text = Blank().Replace(text, " ").Trim();
        return text.Length > 0 ? text : null;
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blank();
}
