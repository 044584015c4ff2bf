using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EseErp.Inventory.Data.Migrations
{
    /// <inheritdoc />
    public partial class WholeLife : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "is_restocked",
                table: "shipment_requests",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<bool>(
                name: "mismatch_accepted",
                table: "shipment_requests",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.CreateIndex(
                name: "items_by_due_date",
                table: "shipment_requests",
                column: "due_at",
                filter: "receipt_state = 'Expected' and coordination = 'Event'");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "items_by_due_date",
                table: "shipment_requests");

            migrationBuilder.DropColumn(
                name: "is_restocked",
                table: "shipment_requests");

            migrationBuilder.DropColumn(
                name: "mismatch_accepted",
                table: "shipment_requests");
        }
    }
}
