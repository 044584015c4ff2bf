using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EseErp.Sales.Data.Migrations
{
    /// <inheritdoc />
    public partial class AnnouncedModel : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "sku",
                table: "order_refund_requests",
                type: "character varying(40)",
                maxLength: 40,
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "sku",
                table: "order_refund_requests");
        }
    }
}
