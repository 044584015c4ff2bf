using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EseErp.Tracking.Data.Migrations
{
    /// <inheritdoc />
    public partial class TimelineByPosition : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_timeline_xid_position",
                table: "timeline");

            migrationBuilder.DropColumn(
                name: "xid",
                table: "timeline");

            migrationBuilder.CreateIndex(
                name: "IX_timeline_position",
                table: "timeline",
                column: "position");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_timeline_position",
                table: "timeline");

            migrationBuilder.AddColumn<ulong>(
                name: "xid",
                table: "timeline",
                type: "xid8",
                nullable: false,
                defaultValueSql: "pg_current_xact_id()");

            migrationBuilder.CreateIndex(
                name: "IX_timeline_xid_position",
                table: "timeline",
                columns: new[] { "xid", "position" });
        }
    }
}
