using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EseErp.Tracking.Data.Migrations
{
    /// <inheritdoc />
    public partial class DeviceByNormalForm : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // As SerialNumbers.Normal: without characters that nobody sees, every hyphen the same, in capital letters, trimmed.
            migrationBuilder.Sql(
                """
                update returns set serial_number = normal.form
                from (select return_id as id, regexp_replace(upper(regexp_replace(regexp_replace(serial_number,
                        '[\u00AD\u0600-\u0605\u061C\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2064\u2066-\u206F\uFEFF]', '', 'g'),
                        '[\u058A\u05BE\u1400\u1806\u2010-\u2015\u2043\u2212\u2E17\u2E1A\u2E3A\u2E3B\u2E40\u301C\u3030\u30A0\uFE31\uFE32\uFE58\uFE63\uFF0D]', '-', 'g')),
                        '^\s+|\s+$', '', 'g') as form
                      from returns) normal
                where return_id = normal.id and serial_number <> normal.form;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            // What was written is in the request still; the projection can be made again.
        }
    }
}
