using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EseErp.UserSupport.Data.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateSequence(
                name: "return_numbers");

            migrationBuilder.CreateTable(
                name: "mode",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false),
                    mode = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    changed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_mode", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "return_steps",
                columns: table => new
                {
                    return_id = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false, collation: "C"),
                    number = table.Column<int>(type: "integer", nullable: false),
                    name = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    outcome = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    answer = table.Column<string>(type: "text", nullable: true),
                    status_code = table.Column<int>(type: "integer", nullable: true),
                    problem = table.Column<string>(type: "text", nullable: true),
                    started_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    ended_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_return_steps", x => new { x.return_id, x.number });
                });

            migrationBuilder.CreateTable(
                name: "returns",
                columns: table => new
                {
                    return_id = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false, collation: "C"),
                    case_id = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    order_id = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    line_id = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    sku = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    serial_number = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    reason = table.Column<string>(type: "character varying(30)", maxLength: 30, nullable: false),
                    resolution = table.Column<string>(type: "character varying(30)", maxLength: 30, nullable: false),
                    replacement_timing = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    shipment_id = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: true),
                    location = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    cost_center = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    cost_currency = table.Column<string>(type: "character varying(3)", maxLength: 3, nullable: false),
                    mode = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    filed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    correlation_id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    status = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    reported = table.Column<string>(type: "jsonb", nullable: false),
                    undo_reason = table.Column<string>(type: "character varying(500)", maxLength: 500, nullable: true),
                    driven_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    driven_by = table.Column<Guid>(type: "uuid", nullable: true),
                    advanced_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_returns", x => x.return_id);
                });

            migrationBuilder.CreateIndex(
                name: "driven_returns",
                table: "returns",
                column: "driven_until",
                filter: "driven_until is not null");

            migrationBuilder.CreateIndex(
                name: "traditional_returns_by_status",
                table: "returns",
                columns: new[] { "status", "advanced_at" },
                filter: "mode = 'Traditional'");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "mode");

            migrationBuilder.DropTable(
                name: "return_steps");

            migrationBuilder.DropTable(
                name: "returns");

            migrationBuilder.DropSequence(
                name: "return_numbers");
        }
    }
}
