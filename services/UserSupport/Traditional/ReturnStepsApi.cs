using EseErp.Contracts;
using EseErp.Contracts.Manufacturing;
using EseErp.Contracts.UserSupport;
using EseErp.ServiceDefaults;
using EseErp.UserSupport.Data;
using EseErp.UserSupport.Returns;
using Microsoft.EntityFrameworkCore;

namespace EseErp.UserSupport.Traditional;

/// <summary>
/// Where people report the physical steps of a return in traditional mode, because there the teams tell nobody, and where
/// an incomplete return is resumed.
/// </summary>
public static class ReturnStepsApi
{
    public static void MapReturnSteps(this IEndpointRouteBuilder routes)
    {
        var returns = routes.MapGroup("/returns/{returnId}").WithTags("Traditional mode").WithParameterExample("returnId", ExampleReturn.FirstId);
        returns.MapPost("/resume", Resume).WithSummary("Resume an incomplete return")
            .WithDescription(
                "Each call has the idempotency key of its first attempt, so nothing is done twice. For a return under review, Sales is asked at once "
                + "whether it has decided. For an approved return the answer is its current state.");
        returns.MapPost("/steps/item-received", ItemReceived).AnsweredOnce().WithSummary("Report that the item has arrived (traditional mode)")
            .WithExample(new ItemReport("HP210-26F9-0435352", "box opened, device complete"));
        returns.MapPost("/steps/diagnosed", Diagnosed).AnsweredOnce().WithSummary("Report the result of the inspection (traditional mode)")
            .WithExample(new RecordDiagnosis("BATTERY_SWOLLEN", Disposition.Scrap));
        returns.MapPost("/steps/disassembled", Disassembled).AnsweredOnce().WithSummary("Report that the item was taken apart (traditional mode)")
            .WithExample(new CompleteDisassembly([], 20));
        returns.MapPost("/steps/item-waived", ItemWaived).AnsweredOnce().WithSummary("Report that the item need not come back (traditional mode)")
            .WithExample(new ReasonGiven("Shipping it would cost more than it is worth."));
        returns.MapPost("/steps/recalled-unit-returned", RecalledUnitReturned).AnsweredOnce()
            .WithSummary("Report that a recalled replacement is back (traditional mode)");
        foreach (var status in new[] { 404, 409, 422, 502, 504 }) returns.WithMetadata(new Microsoft.AspNetCore.Http.ProducesResponseTypeMetadata(
            status, typeof(Microsoft.AspNetCore.Mvc.ProblemDetails), ["application/problem+json"]));
        returns.WithMetadata(new Microsoft.AspNetCore.Http.ProducesResponseTypeMetadata(200, typeof(TraditionalAnswer), ["application/json"]));
    }

    private static async Task<IResult> Resume(
        string returnId, UserSupportDb db, TraditionalProcess process, TraditionalAnswers answers,
        IHostApplicationLifetime lifetime, CancellationToken cancellationToken)
    {
        switch (await db.Returns.Where(asked => asked.ReturnId == returnId).Select(asked => (CoordinationMode?)asked.Mode).SingleOrDefaultAsync(cancellationToken))
        {
            case null: return Problems.NotFound("return", returnId);
            case CoordinationMode.Event: return Problems.Conflict("In event mode there is nothing to resume: every team continues by itself.");
        }

        return answers.Resumed(await process.Drive(returnId, lifetime.ApplicationStopping));
    }

    private static Task<IResult> ItemReceived(string returnId, ItemReport report, StepReport step, CancellationToken cancellationToken) =>
        step.Report(returnId, "POST /receipts at Inventory",
            reported => reported.Received, report, reported => reported with { Received = report },
            saga => saga.Reported.Waived is not null ? "The item of this return need not come back." : saga.ReasonNotToReport, cancellationToken);

    private static Task<IResult> ItemWaived(string returnId, ReasonGiven given, StepReport step, CancellationToken cancellationToken) =>
        step.Report(returnId, $"POST /shipment-requests/{returnId}/waive at Inventory",
            reported => reported.Waived, given, reported => reported with { Waived = given },
            saga => saga.Reported.Received is not null ? "The item has arrived." : saga.ReasonNotToReport, cancellationToken);

    private static Task<IResult> Diagnosed(string returnId, RecordDiagnosis diagnosis, StepReport step, CancellationToken cancellationToken) =>
        step.Report(returnId, $"POST /disassembly-orders/{returnId}/diagnosis at Manufacturing",
            reported => reported.Diagnosed, diagnosis, reported => reported with { Diagnosed = diagnosis },
            saga => saga.ReasonNotToReportWork, cancellationToken);

    private static Task<IResult> Disassembled(string returnId, CompleteDisassembly completion, StepReport step, CancellationToken cancellationToken) =>
        step.Report(returnId, $"POST /disassembly-orders/{returnId}/complete at Manufacturing",
            reported => reported.Disassembled, completion, reported => reported with { Disassembled = completion },
            saga => saga.ReasonNotToReportWork ?? (saga.Reported.Diagnosed is null ? "The item has not been diagnosed yet." : null), cancellationToken);

    private static Task<IResult> RecalledUnitReturned(string returnId, StepReport step, CancellationToken cancellationToken) =>
        step.Report(returnId, $"POST /shipment-requests/{returnId}/recalled-unit-returned at Inventory",
            reported => reported.RecallReturned, new RecallReport(), reported => reported with { RecallReturned = new RecallReport() },
            saga => saga.Return.IsOver ? null : $"The return is {saga.Status}; a replacement is recalled only when its return has ended.", cancellationToken);
}
