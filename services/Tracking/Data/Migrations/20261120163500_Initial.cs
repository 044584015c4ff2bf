using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace EseErp.Tracking.Data.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "projection",
                columns: table => new
                {
                    name = table.Column<string>(type: "text", nullable: false),
                    build = table.Column<int>(type: "integer", nullable: false),
                    stage = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    started_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    finished_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    until = table.Column<string>(type: "jsonb", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_projection", x => x.name);
                });

            migrationBuilder.CreateTable(
                name: "returns",
                columns: table => new
                {
                    return_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    mode = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false),
                    request = table.Column<string>(type: "jsonb", nullable: false),
                    refund = table.Column<string>(type: "jsonb", nullable: false),
                    replacement = table.Column<string>(type: "jsonb", nullable: false),
                    item = table.Column<string>(type: "jsonb", nullable: false),
                    disassembly = table.Column<string>(type: "jsonb", nullable: false),
                    disposal = table.Column<string>(type: "jsonb", nullable: false),
                    status = table.Column<string>(type: "character varying(20)", maxLength: 20, nullable: false),
                    customer_id = table.Column<string>(type: "text", nullable: true),
                    serial_number = table.Column<string>(type: "text", nullable: true),
                    reason = table.Column<string>(type: "character varying(30)", maxLength: 30, nullable: true),
                    requested_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    settled_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    completed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    closed_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_returns", x => x.return_id);
                });

            migrationBuilder.CreateTable(
                name: "timeline",
                columns: table => new
                {
                    event_id = table.Column<Guid>(type: "uuid", nullable: false),
                    return_id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    team = table.Column<string>(type: "text", nullable: false),
                    type = table.Column<string>(type: "text", nullable: false),
                    summary = table.Column<string>(type: "text", nullable: false),
                    correlation_id = table.Column<string>(type: "text", nullable: false),
                    causation_id = table.Column<string>(type: "text", nullable: true),
                    coordination = table.Column<string>(type: "text", nullable: false),
                    data = table.Column<string>(type: "json", nullable: false),
                    xid = table.Column<ulong>(type: "xid8", nullable: false, defaultValueSql: "pg_current_xact_id()"),
                    position = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityAlwaysColumn)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_timeline", x => x.event_id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_returns_customer_id_return_id",
                table: "returns",
                columns: new[] { "customer_id", "return_id" });

            migrationBuilder.CreateIndex(
                name: "IX_returns_requested_at",
                table: "returns",
                column: "requested_at");

            migrationBuilder.CreateIndex(
                name: "IX_returns_serial_number_return_id",
                table: "returns",
                columns: new[] { "serial_number", "return_id" });

            migrationBuilder.CreateIndex(
                name: "IX_returns_status_return_id",
                table: "returns",
                columns: new[] { "status", "return_id" });

            migrationBuilder.CreateIndex(
                name: "IX_timeline_return_id_time_event_id",
                table: "timeline",
                columns: new[] { "return_id", "time", "event_id" });

            migrationBuilder.CreateIndex(
                name: "IX_timeline_xid_position",
                table: "timeline",
                columns: new[] { "xid", "position" });

            migrationBuilder.Sql(
                """
                insert into projection (name, build, stage, started_at, until) values ('returns', 1, 'Live', now(), '{"partitions": []}')
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "projection");

            migrationBuilder.DropTable(
                name: "returns");

            migrationBuilder.DropTable(
                name: "timeline");
        }
    }
}
