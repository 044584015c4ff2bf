using EseErp.Architecture.Tests.Reading;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace EseErp.Architecture.Tests.Rules;

/// <summary>A consumer translates and calls its desk; transaction, retry and dead letters are the pump's.</summary>
internal static class ConsumerRules
{
    private static readonly string[] PumpsOwn = ["SaveChanges", "SaveChangesAsync", "Commit", "CommitAsync", "BeginTransaction", "BeginTransactionAsync"];

    public static bool IsConsumer(TypeDefinition type) =>
        !type.IsAbstract && type.Interfaces.Any(implemented => implemented.InterfaceType.GetElementType().FullName == "MassTransit.IConsumer`1");

    public static IEnumerable<string> Faults(TypeDefinition consumer)
    {
        foreach (var call in TypeUses.Calls(consumer).Where(call => PumpsOwn.Contains(call.Name)))
            yield return $"{consumer.FullName} calls {call.Name}";
        var caught = TypeUses.WithNested(consumer)
            .SelectMany(type => type.Methods)
            .Where(method => method.HasBody && method.Body.ExceptionHandlers.Any(handler => IsWritten(handler, method)));
        foreach (var method in caught)
            yield return $"{consumer.FullName} catches exceptions (in {method.Name})";
    }

    // A foreach or using leaves a finally, which is no handling. An async method's state machine has one catch of its own,
    // which hands the exception to the task.
    private static bool IsWritten(ExceptionHandler handler, MethodDefinition method) =>
        handler.HandlerType is ExceptionHandlerType.Catch or ExceptionHandlerType.Filter
        && !(method.Name == "MoveNext" && Instructions(handler).Any(instruction => instruction.Operand is MethodReference { Name: "SetException" }));

    private static IEnumerable<Instruction> Instructions(ExceptionHandler handler)
    {
        for (var instruction = handler.HandlerStart; instruction is not null && instruction != handler.HandlerEnd; instruction = instruction.Next)
            yield return instruction;
    }
}
