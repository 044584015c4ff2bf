using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EseErp.Inventory.Data.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "demo_stock",
                columns: table => new
                {
                    sku = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false, collation: "C"),
                    quantity = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_demo_stock", x => x.sku);
                });

            migrationBuilder.CreateTable(
                name: "shipment_requests",
                columns: table => new
                {
                    return_id = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false, collation: "C"),
                    sku = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    serial_number = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: false),
                    resolution = table.Column<string>(type: "character varying(30)", maxLength: 30, nullable: false),
                    replacement_timing = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    coordination = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    requested_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    state = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    refund_authorized_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    shipped_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    receipt_state = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    due_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    received_serial_number = table.Column<string>(type: "character varying(60)", maxLength: 60, nullable: true),
                    condition = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    received_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_shipment_requests", x => x.return_id);
                });

            migrationBuilder.CreateTable(
                name: "stock_items",
                columns: table => new
                {
                    sku = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false, collation: "C"),
                    on_hand = table.Column<int>(type: "integer", nullable: false),
                    reserved = table.Column<int>(type: "integer", nullable: false),
                    backordered = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_stock_items", x => x.sku);
                    table.CheckConstraint("backordered_never_below_zero", "backordered >= 0");
                    table.CheckConstraint("reserved_never_above_on_hand", "reserved between 0 and on_hand");
                    table.CheckConstraint("stock_never_below_zero", "on_hand >= 0");
                });

            migrationBuilder.CreateIndex(
                name: "IX_shipment_requests_state_return_id",
                table: "shipment_requests",
                columns: new[] { "state", "return_id" });

            migrationBuilder.CreateIndex(
                name: "backordered_first_in_first_out",
                table: "shipment_requests",
                columns: new[] { "sku", "requested_at", "return_id" },
                filter: "state = 'Backordered'");

            migrationBuilder.CreateIndex(
                name: "items_under_way",
                table: "shipment_requests",
                column: "requested_at",
                filter: "receipt_state = 'Expected' and coordination = 'Event' and refund_authorized_at is not null");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "demo_stock");

            migrationBuilder.DropTable(
                name: "shipment_requests");

            migrationBuilder.DropTable(
                name: "stock_items");
        }
    }
}
