using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EseErp.Inventory.Data.Migrations
{
    /// <inheritdoc />
    public partial class TheDevice : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "is_sent_back",
                table: "shipment_requests",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<bool>(
                name: "sent_back_accepted",
                table: "shipment_requests",
                type: "boolean",
                nullable: false,
                defaultValue: false);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "is_sent_back",
                table: "shipment_requests");

            migrationBuilder.DropColumn(
                name: "sent_back_accepted",
                table: "shipment_requests");
        }
    }
}
