using System;
using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EseErp.Manufacturing.Data.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "bills_of_materials",
                columns: table => new
                {
                    sku = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false, collation: "C"),
                    name = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    fault_codes = table.Column<List<string>>(type: "text[]", nullable: false),
                    parts = table.Column<string>(type: "jsonb", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_bills_of_materials", x => x.sku);
                });

            migrationBuilder.CreateTable(
                name: "disassembly_orders",
                columns: table => new
                {
                    return_id = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false, collation: "C"),
                    sku = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    serial_number = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    currency = table.Column<string>(type: "character varying(3)", maxLength: 3, nullable: false),
                    coordination = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    requested_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    state = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    state_since = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    received_serial_number = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: true),
                    fault_code = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: true),
                    disposition = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: true),
                    recovered_value = table.Column<decimal>(type: "numeric", nullable: false),
                    labour_cost = table.Column<decimal>(type: "numeric", nullable: false),
                    parts = table.Column<string>(type: "jsonb", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_disassembly_orders", x => x.return_id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_disassembly_orders_state_return_id",
                table: "disassembly_orders",
                columns: new[] { "state", "return_id" });

            migrationBuilder.CreateIndex(
                name: "on_the_workbench",
                table: "disassembly_orders",
                column: "state_since",
                filter: "coordination = 'Event' and (state = 'Received' or state = 'Diagnosed' and disposition in ('Scrap', 'Refurbish'))");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "bills_of_materials");

            migrationBuilder.DropTable(
                name: "disassembly_orders");
        }
    }
}
