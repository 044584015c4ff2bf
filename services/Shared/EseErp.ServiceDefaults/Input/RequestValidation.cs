using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Validation;

// The hook is marked experimental in .NET 10; it is the only way to validate every endpoint without its asking for it.
#pragma warning disable ASP0029

namespace EseErp.ServiceDefaults;

/// <summary>
/// Puts the data annotations of request types to work on every endpoint. The framework runs validation on all endpoints
/// once a resolver is registered; its own resolver comes from a source generator in the service project, which a service
/// can forget and which names fields after C# properties. This one reads the annotations at run time, when an endpoint
/// is built, and names fields as the client does.
/// </summary>
internal sealed class RequestValidation(IServiceProviderIsService services) : IValidatableInfoResolver
{
    private readonly ValidationRules rules = new();

    public bool TryGetValidatableTypeInfo(Type type, [NotNullWhen(true)] out IValidatableInfo? validatableInfo)
    {
        validatableInfo = null;
        return false;
    }

    public bool TryGetValidatableParameterInfo(ParameterInfo parameterInfo, [NotNullWhen(true)] out IValidatableInfo? validatableInfo)
    {
        validatableInfo = Of(parameterInfo);
        return validatableInfo is not null;
    }

    private Validated? Of(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        var attributes = parameter.GetCustomAttributes(inherit: false);
        if (attributes.OfType<IFromServiceMetadata>().Any() || typeof(HttpContext).IsAssignableFrom(type) || type == typeof(CancellationToken))
            return null;
        var checks = attributes.OfType<ValidationAttribute>().ToArray();
        var together = attributes.OfType<AsParametersAttribute>().Any();
        var scalar = ValidationRules.IsScalar(type);
        if (!scalar && !together && services.IsService(type)) return null;
        if (checks.Length == 0 && (scalar || !rules.Apply(type))) return null;

        // Members of a body and of a parameter group are named by themselves, a scalar parameter by its own name.
        return new Validated(rules, scalar ? BoundName.Of(parameter) : string.Empty, checks);
    }

    private sealed class Validated(ValidationRules rules, string name, ValidationAttribute[] checks) : IValidatableInfo
    {
        public Task ValidateAsync(object? value, ValidateContext context, CancellationToken cancellationToken)
        {
            var errors = new InputErrors();
            rules.Check(value, name, checks, context.ValidationContext, errors);
            if (!errors.Any) return Task.CompletedTask;
            context.ValidationErrors ??= [];
            foreach (var (field, reasons) in errors.ToDictionary())
                context.ValidationErrors[field] = reasons;
            return Task.CompletedTask;
        }
    }
}
