using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EseErp.Tracking.Data.Migrations
{
    /// <inheritdoc />
    public partial class TheWholeLife : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // Returns of before have none until the projection is built again.
            migrationBuilder.AddColumn<string>(
                name: "calls",
                table: "returns",
                type: "jsonb",
                nullable: false,
                defaultValueSql: "'{}'");

            migrationBuilder.AddColumn<string>(
                name: "cancellation",
                table: "returns",
                type: "jsonb",
                nullable: false,
                defaultValueSql: "'{}'");

            migrationBuilder.CreateTable(
                name: "delivered_units",
                columns: table => new
                {
                    sku = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    quantity = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_delivered_units", x => x.sku);
                });

            migrationBuilder.CreateIndex(
                name: "IX_returns_backordered",
                table: "returns",
                column: "return_id",
                filter: "replacement ->> 'state' = 'Backordered'");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "delivered_units");

            migrationBuilder.DropIndex(
                name: "IX_returns_backordered",
                table: "returns");

            migrationBuilder.DropColumn(
                name: "calls",
                table: "returns");

            migrationBuilder.DropColumn(
                name: "cancellation",
                table: "returns");
        }
    }
}
