using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EseErp.UserSupport.Data.Migrations
{
    /// <inheritdoc />
    public partial class ModesApart : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "traditional_returns",
                columns: table => new
                {
                    return_id = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false, collation: "C"),
                    reported = table.Column<string>(type: "jsonb", nullable: false),
                    undo_cause = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true),
                    undo_reason = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true),
                    due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    driven_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    driven_by = table.Column<Guid>(type: "uuid", nullable: true),
                    driver_key = table.Column<Guid>(type: "uuid", nullable: true),
                    advanced_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    wake_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    failures = table.Column<int>(type: "integer", nullable: false),
                    callback_url = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true),
                    callback_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    callback_failures = table.Column<int>(type: "integer", nullable: false),
                    told_status = table.Column<string>(type: "character varying(30)", maxLength: 30, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_traditional_returns", x => x.return_id);
                });

            migrationBuilder.Sql(
                """
                insert into traditional_returns (return_id, reported, undo_cause, undo_reason, due_at, driven_until, driven_by, driver_key, advanced_at,
                    wake_at, failures, callback_url, callback_at, callback_failures, told_status)
                select return_id, reported, undo_cause, undo_reason, due_at, driven_until, driven_by, driver_key, advanced_at,
                    wake_at, failures, callback_url, callback_at, callback_failures, told_status
                from returns where mode <> 'Event'
                """);

            migrationBuilder.DropIndex(
                name: "driven_returns",
                table: "returns");

            migrationBuilder.DropIndex(
                name: "returns_to_call_back",
                table: "returns");

            migrationBuilder.DropIndex(
                name: "returns_with_expected_items",
                table: "returns");

            migrationBuilder.DropIndex(
                name: "sleeping_returns",
                table: "returns");

            migrationBuilder.DropIndex(
                name: "traditional_returns_by_status",
                table: "returns");

            migrationBuilder.DropColumn(
                name: "advanced_at",
                table: "returns");

            migrationBuilder.DropColumn(
                name: "callback_at",
                table: "returns");

            migrationBuilder.DropColumn(
                name: "callback_failures",
                table: "returns");

            migrationBuilder.DropColumn(
                name: "callback_url",
                table: "returns");

            migrationBuilder.DropColumn(
                name: "driven_by",
                table: "returns");

            migrationBuilder.DropColumn(
                name: "driven_until",
                table: "returns");

            migrationBuilder.DropColumn(
                name: "driver_key",
                table: "returns");

            migrationBuilder.DropColumn(
                name: "due_at",
                table: "returns");

            migrationBuilder.DropColumn(
                name: "failures",
                table: "returns");

            migrationBuilder.DropColumn(
                name: "reported",
                table: "returns");

            migrationBuilder.DropColumn(
                name: "told_status",
                table: "returns");

            migrationBuilder.DropColumn(
                name: "undo_cause",
                table: "returns");

            migrationBuilder.DropColumn(
                name: "undo_reason",
                table: "returns");

            migrationBuilder.DropColumn(
                name: "wake_at",
                table: "returns");

            migrationBuilder.CreateIndex(
                name: "driven_returns",
                table: "traditional_returns",
                column: "driven_until",
                filter: "driven_until is not null");

            migrationBuilder.CreateIndex(
                name: "returns_to_call_back",
                table: "traditional_returns",
                column: "callback_at",
                filter: "callback_at is not null");

            migrationBuilder.CreateIndex(
                name: "returns_with_expected_items",
                table: "traditional_returns",
                column: "due_at",
                filter: "undo_cause is null and (reported ->> 'received') is null and (reported ->> 'waived') is null");

            migrationBuilder.CreateIndex(
                name: "returns_with_steps_to_report",
                table: "traditional_returns",
                column: "advanced_at",
                filter: "due_at is not null and undo_cause is null and (reported ->> 'disassembled') is null and (reported ->> 'waived') is null");

            migrationBuilder.CreateIndex(
                name: "sleeping_returns",
                table: "traditional_returns",
                column: "wake_at",
                filter: "wake_at is not null and driven_until is null");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "traditional_returns");

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "advanced_at",
                table: "returns",
                type: "timestamp with time zone",
                nullable: false,
                defaultValue: new DateTimeOffset(new DateTime(1, 1, 1, 0, 0, 0, 0, DateTimeKind.Unspecified), new TimeSpan(0, 0, 0, 0, 0)));

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "callback_at",
                table: "returns",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "callback_failures",
                table: "returns",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "callback_url",
                table: "returns",
                type: "character varying(500)",
                maxLength: 500,
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "driven_by",
                table: "returns",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "driven_until",
                table: "returns",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "driver_key",
                table: "returns",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "due_at",
                table: "returns",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "failures",
                table: "returns",
                type: "integer",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "reported",
                table: "returns",
                type: "jsonb",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "told_status",
                table: "returns",
                type: "character varying(30)",
                maxLength: 30,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "undo_cause",
                table: "returns",
                type: "character varying(20)",
                maxLength: 20,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "undo_reason",
                table: "returns",
                type: "character varying(500)",
                maxLength: 500,
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "wake_at",
                table: "returns",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "driven_returns",
                table: "returns",
                column: "driven_until",
                filter: "driven_until is not null");

            migrationBuilder.CreateIndex(
                name: "returns_to_call_back",
                table: "returns",
                column: "callback_at",
                filter: "callback_at is not null");

            migrationBuilder.CreateIndex(
                name: "returns_with_expected_items",
                table: "returns",
                column: "due_at",
                filter: "status in ('Approved', 'UnderReview') and (reported ->> 'received') is null and (reported ->> 'waived') is null");

            migrationBuilder.CreateIndex(
                name: "sleeping_returns",
                table: "returns",
                column: "wake_at",
                filter: "wake_at is not null and driven_until is null");

            migrationBuilder.CreateIndex(
                name: "traditional_returns_by_status",
                table: "returns",
                columns: new[] { "status", "advanced_at" },
                filter: "mode <> 'Event'");
        }
    }
}
