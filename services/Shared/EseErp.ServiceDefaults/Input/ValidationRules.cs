using System.Collections;
using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json.Serialization;

namespace EseErp.ServiceDefaults;

/// <summary>The rules that data annotations put on request types, and their application to values, at any depth.</summary>
internal sealed class ValidationRules
{
    private readonly ConcurrentDictionary<Type, Member[]> membersByType = new();

    /// <summary>True if a value of the type, or anything it contains, can break a rule.</summary>
    public bool Apply(Type type) => Apply(type, []);

    public void Check(object? value, string path, ValidationAttribute[] checks, ValidationContext context, InputErrors errors)
    {
        foreach (var check in checks)
        {
            if (Fault(check, value, path, context) is not { } fault) continue;
            errors.Add(path.Length == 0 ? InputErrors.Body : path, fault);
            if (check is RequiredAttribute) return;
        }

        if (value is string text)
        {
            if (text.Length > 0 && checks.OfType<RequiredAttribute>().Any() && (char.IsWhiteSpace(text[0]) || char.IsWhiteSpace(text[^1])))
                errors.Add(path, "must not start or end with white space");
        }
        else if (value is not null && !IsScalar(value.GetType()))
        {
            CheckInside(value, path, context, errors);
        }
    }

    public static bool IsScalar(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(decimal)
            || (type.Namespace is { } name && name.StartsWith("System", StringComparison.Ordinal) && !typeof(IEnumerable).IsAssignableFrom(type))
            || (type.Namespace ?? string.Empty).StartsWith("System.Text.Json", StringComparison.Ordinal);
    }

    private void CheckInside(object value, string path, ValidationContext context, InputErrors errors)
    {
        if (value is IDictionary) return;
        if (value is IEnumerable items)
        {
            var index = 0;
            foreach (var item in items)
                Check(item, $"{path}[{index++}]", [], context, errors);
            return;
        }

        foreach (var member in MembersOf(value.GetType()))
        {
            var name = path.Length == 0 ? member.Name : path + "." + member.Name;
            var content = member.Property.GetValue(value);
            Check(content, name, member.Checks, context, errors);
            if (member.ElementsMayBeNull || content is not IEnumerable elements || content is string) continue;
            var index = 0;
            foreach (var element in elements)
            {
                if (element is null) errors.Add($"{name}[{index}]", "must not be null");
                index++;
            }
        }

        if (value is IValidatableObject own)
        {
            foreach (var result in own.Validate(new ValidationContext(value, context, null)))
            {
                var member = result.MemberNames.Select(System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName).FirstOrDefault() ?? InputErrors.Body;
                errors.Add(path.Length == 0 ? member : path + "." + member, result.ErrorMessage ?? "is not valid");
            }
        }
    }

    private bool Apply(Type type, HashSet<Type> visited)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (IsScalar(type) || typeof(IDictionary).IsAssignableFrom(type) || !visited.Add(type)) return false;
        if (ElementOf(type) is { } element) return Apply(element, visited);
        if (type.IsInterface || type.IsAbstract || typeof(Delegate).IsAssignableFrom(type)) return false;
        return typeof(IValidatableObject).IsAssignableFrom(type)
            || MembersOf(type).Any(member => member.Checks.Length > 0 || !member.ElementsMayBeNull || Apply(member.Property.PropertyType, visited));
    }

    private Member[] MembersOf(Type type) => membersByType.GetOrAdd(type, static inspected =>
    {
        var parameters = inspected.GetConstructors().SelectMany(constructor => constructor.GetParameters()).ToArray();
        return [.. inspected.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetIndexParameters().Length == 0 && property.CanRead && property.GetCustomAttribute<JsonIgnoreAttribute>() is null)
            .Select(property => Member.Of(property, parameters.FirstOrDefault(parameter => parameter.Name == property.Name)))];
    });

    private static Type? ElementOf(Type type) =>
        type.IsArray
            ? type.GetElementType()
            : type.GetInterfaces().Append(type)
                .FirstOrDefault(candidate => candidate.IsGenericType && candidate.GetGenericTypeDefinition() == typeof(IEnumerable<>))
                ?.GetGenericArguments()[0];

    private static string? Fault(ValidationAttribute check, object? value, string path, ValidationContext context)
    {
        var result = check.GetValidationResult(value, context);
        if (result == ValidationResult.Success) return null;
        if (check.ErrorMessage is not null) return result?.ErrorMessage;
        return check switch
        {
            RequiredAttribute => "is required",
            StringLengthAttribute { MinimumLength: 0 } limit => $"must be at most {limit.MaximumLength} characters long",
            StringLengthAttribute limit when limit.MinimumLength == limit.MaximumLength => $"must be {limit.MaximumLength} characters long",
            StringLengthAttribute limit => $"must be {limit.MinimumLength} to {limit.MaximumLength} characters long",
            LengthAttribute limit => $"must have {limit.MinimumLength} to {limit.MaximumLength} {(value is string ? "characters" : "items")}",
            MinLengthAttribute limit => $"must have at least {limit.Length} {(value is string ? "characters" : "items")}",
            MaxLengthAttribute limit => $"must have at most {limit.Length} {(value is string ? "characters" : "items")}",
            RangeAttribute range => $"must be from {range.Minimum} to {range.Maximum}",
            RegularExpressionAttribute pattern => $"must match {Patterns.ForClients(pattern.Pattern)}",
            _ => check.FormatErrorMessage(path),
        };
    }

    private sealed record Member(string Name, PropertyInfo Property, ValidationAttribute[] Checks, bool ElementsMayBeNull)
    {
        public static Member Of(PropertyInfo property, ParameterInfo? parameter)
        {
            // [property: Required] is the rule here, but a forgotten "property:" must not switch a check off.
            var checks = property.GetCustomAttributes<ValidationAttribute>()
                .Concat(parameter?.GetCustomAttributes<ValidationAttribute>() ?? [])
                .OrderBy(check => check is RequiredAttribute ? 0 : 1);
            var name = property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name
                ?? (parameter is null ? null : BoundName.Of((ICustomAttributeProvider)parameter)) ?? BoundName.Of(property);
            return new Member(name, property, [.. checks], MayHaveNulls(property));
        }

        /// <summary>The serializer enforces non-nullable members but not non-nullable elements of a list.</summary>
        private static bool MayHaveNulls(PropertyInfo property)
        {
            if (IsScalar(property.PropertyType) || ElementOf(property.PropertyType) is not { IsValueType: false }) return true;
            var nullability = new NullabilityInfoContext().Create(property);
            return (nullability.ElementType ?? nullability.GenericTypeArguments.FirstOrDefault())?.ReadState != NullabilityState.NotNull;
        }
    }
}
