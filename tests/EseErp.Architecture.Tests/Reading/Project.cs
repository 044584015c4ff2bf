using System.Xml.Linq;
using Mono.Cecil;

namespace EseErp.Architecture.Tests.Reading;

/// <summary>A project file and what it was built into.</summary>
internal sealed record Project(string Path, string BuiltInto)
{
    private readonly Lazy<XDocument> _file = new(() => XDocument.Load(Path));
    private readonly Lazy<AssemblyDefinition> _assembly = new(() => Read(Path, BuiltInto));

    /// <summary>The project's name, which is its assembly's unless it says otherwise.</summary>
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    public AssemblyDefinition Assembly => _assembly.Value;

    public IReadOnlyList<TypeDefinition> Types => Assembly.MainModule.Types.ToList();

    /// <summary>Which of our assemblies it knows: by its project file, and by what the compiler recorded.</summary>
    public IReadOnlySet<string> Knows => ProjectReferences.Concat(Assembly.MainModule.AssemblyReferences.Select(reference => reference.Name))
        .Where(name => name.StartsWith("EseErp.", StringComparison.Ordinal))
        .ToHashSet();

    public IEnumerable<string> PackageReferences => Items("PackageReference");

    private IEnumerable<string> ProjectReferences =>
        Items("ProjectReference").Select(include => System.IO.Path.GetFileNameWithoutExtension(include.Replace('\\', '/')));

    private IEnumerable<string> Items(string item) => _file.Value.Descendants()
        .Where(element => element.Name.LocalName == item)
        .Select(element => element.Attribute("Include")?.Value)
        .OfType<string>();

    private static AssemblyDefinition Read(string path, string builtInto)
    {
        var name = XDocument.Load(path).Descendants("AssemblyName").FirstOrDefault()?.Value ?? System.IO.Path.GetFileNameWithoutExtension(path);
        var file = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(path)!, builtInto, name + ".dll");
        var resolver = new DefaultAssemblyResolver();
        resolver.AddSearchDirectory(System.IO.Path.GetDirectoryName(file));
        return AssemblyDefinition.ReadAssembly(file, new ReaderParameters { AssemblyResolver = resolver });
    }
}
