using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EseErp.Sales.Data.Migrations
{
    /// <inheritdoc />
    public partial class DevicesSold : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // Of every order the serial numbers only: on which line a device was sold is asked by it (SoldDevices.Find).
            migrationBuilder.Sql("create index devices_sold on orders using gin (jsonb_path_query_array(lines, '$[*].SerialNumber') jsonb_path_ops)");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "devices_sold",
                table: "orders");
        }
    }
}
