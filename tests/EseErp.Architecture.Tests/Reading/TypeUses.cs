using Mono.Cecil;
using Mono.Cecil.Cil;

namespace EseErp.Architecture.Tests.Reading;

/// <summary>
/// Which types a type uses: in its declaration, its members, its attributes and in the bodies of its methods. What the
/// compiler made out of it (lambdas, state machines, closures) is nested in it and belongs to it.
/// </summary>
internal static class TypeUses
{
    public static IReadOnlySet<string> Of(TypeDefinition type)
    {
        var names = new HashSet<string>();
        foreach (var own in WithNested(type))
            foreach (var used in Direct(own)) Unwrap(used, names);
        return names;
    }

    public static IEnumerable<TypeDefinition> WithNested(TypeDefinition type) => type.NestedTypes.SelectMany(WithNested).Prepend(type);

    /// <summary>The methods called, constructed or taken as delegates.</summary>
    public static IEnumerable<MethodReference> Calls(TypeDefinition type) => WithNested(type)
        .SelectMany(own => own.Methods)
        .Where(method => method.HasBody)
        .SelectMany(method => method.Body.Instructions)
        .Select(instruction => instruction.Operand)
        .OfType<MethodReference>();

    private static IEnumerable<TypeReference?> Direct(TypeDefinition type) =>
    [
        type.BaseType,
        .. type.Interfaces.Select(implemented => implemented.InterfaceType),
        .. type.GenericParameters.SelectMany(Constraints),
        .. Attributes(type),
        .. type.Fields.Select(field => field.FieldType),
        .. type.Fields.SelectMany(Attributes),
        .. type.Properties.Select(property => property.PropertyType),
        .. type.Properties.SelectMany(Attributes),
        .. type.Events.Select(happening => happening.EventType),
        .. type.Methods.SelectMany(InMethod),
    ];

    private static IEnumerable<TypeReference?> InMethod(MethodDefinition method) =>
    [
        method.ReturnType,
        .. Attributes(method),
        .. method.GenericParameters.SelectMany(Constraints),
        .. method.Parameters.Select(parameter => parameter.ParameterType),
        .. method.Parameters.SelectMany(Attributes),
        .. method.HasBody ? InBody(method.Body) : [],
    ];

    private static IEnumerable<TypeReference?> InBody(MethodBody body) =>
    [
        .. body.Variables.Select(variable => variable.VariableType),
        .. body.ExceptionHandlers.Select(handler => handler.CatchType),
        .. body.Instructions.SelectMany(instruction => InOperand(instruction.Operand)),
    ];

    private static IEnumerable<TypeReference?> InOperand(object? operand) => operand switch
    {
        MethodReference method =>
        [
            method.DeclaringType,
            method.ReturnType,
            .. method.Parameters.Select(parameter => parameter.ParameterType),
            .. method is GenericInstanceMethod generic ? generic.GenericArguments : [],
        ],
        FieldReference field => [field.DeclaringType, field.FieldType],
        TypeReference type => [type],
        CallSite site => [site.ReturnType, .. site.Parameters.Select(parameter => parameter.ParameterType)],
        _ => [],
    };

    private static IEnumerable<TypeReference> Constraints(GenericParameter parameter) => parameter.Constraints.Select(constraint => constraint.ConstraintType);

    private static IEnumerable<TypeReference> Attributes(ICustomAttributeProvider provider) => provider.CustomAttributes.SelectMany(attribute =>
        attribute.ConstructorArguments.Concat(attribute.Properties.Select(property => property.Argument))
            .SelectMany(argument => argument.Value is TypeReference named ? [argument.Type, named] : new[] { argument.Type })
            .Prepend(attribute.AttributeType));

    private static void Unwrap(TypeReference? type, HashSet<string> names)
    {
        switch (type)
        {
            case null or GenericParameter:
                return;
            case GenericInstanceType generic:
                foreach (var argument in generic.GenericArguments) Unwrap(argument, names);
                Unwrap(generic.ElementType, names);
                return;
            case IModifierType modified:
                Unwrap(modified.ModifierType, names);
                Unwrap(modified.ElementType, names);
                return;
            case TypeSpecification of: // an array, a reference, a pointer
                Unwrap(of.ElementType, names);
                return;
            default:
                names.Add(Outermost(type).FullName);
                return;
        }
    }

    private static TypeReference Outermost(TypeReference type) => type.DeclaringType is { } declaring ? Outermost(declaring) : type;
}
