using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EseErp.Sales.Data.Migrations
{
    /// <inheritdoc />
    public partial class Valuations : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "valuation",
                table: "order_refund_requests",
                type: "jsonb",
                nullable: true,
                defaultValue: "[]");

            migrationBuilder.CreateTable(
                name: "valuation_commands",
                columns: table => new
                {
                    command_id = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false, collation: "C"),
                    valuation_id = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false, collation: "C"),
                    operation = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true),
                    operand = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    accepted_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    state = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    reason = table.Column<string>(type: "character varying(30)", maxLength: 30, nullable: true),
                    version = table.Column<int>(type: "integer", nullable: true),
                    value = table.Column<decimal>(type: "numeric", nullable: true),
                    decided_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_valuation_commands", x => x.command_id);
                });

            migrationBuilder.CreateTable(
                name: "valuations",
                columns: table => new
                {
                    valuation_id = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false, collation: "C"),
                    currency = table.Column<string>(type: "character varying(3)", maxLength: 3, nullable: false),
                    value = table.Column<decimal>(type: "numeric", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_valuations", x => x.valuation_id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_valuation_commands_valuation_id",
                table: "valuation_commands",
                column: "valuation_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "valuation_commands");

            migrationBuilder.DropTable(
                name: "valuations");

            migrationBuilder.DropColumn(
                name: "valuation",
                table: "order_refund_requests");
        }
    }
}
