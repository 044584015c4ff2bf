using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EseErp.Inventory.Data.Migrations
{
    /// <inheritdoc />
    public partial class RefundUnderReview : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "refund_under_review",
                table: "shipment_requests",
                type: "boolean",
                nullable: false,
                defaultValue: false);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "refund_under_review",
                table: "shipment_requests");
        }
    }
}
