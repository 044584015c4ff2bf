namespace EseErp.DemoData;

/// <summary>A row of the catalogue: a model in its colours, which share price, cost and bill of materials.</summary>
/// <param name="Price">List price in EUR.</param>
/// <param name="Landed">Landed cost in EUR.</param>
/// <param name="Popularity">How often it is ordered compared with the others, 1 to 5.</param>
/// <param name="Parts">Quantities and part numbers of <see cref="PartTable"/>: <c>2 DRV-40, 1 BAT-LP-700</c>.</param>
internal sealed record ModelRow(
    string Model, string[] Colours, string Category, string Name, decimal Price, decimal Landed, int Popularity, string Parts);

/// <summary>The catalogue: 30 models, 40 products with their colours.</summary>
internal static class ProductTable
{
    /// <summary>The model of which exactly one unit is in stock.</summary>
    public const string LastUnitSku = "SW-400-ROS";

    /// <summary>The model that is sold out.</summary>
    public const string OutOfStockSku = "RV-650-WHT";

    public static readonly IReadOnlyList<ModelRow> Models =
    [
        new("HP-120", ["BLK"], "Headphones", "Aria 120 on-ear headphones", 69.90m, 33.95m, 4,
            "2 DRV-40, 1 PCB-BT5-AUDIO, 1 BAT-LP-300, 1 CHG-USBC-5W, 1 HSG-MEDIUM, 1 CSH-EAR-PAIR, 4 SCR-M2-05"),
        new("HP-210", ["BLK", "WHT"], "Headphones", "Aria 210 wireless over-ear headphones", 129.90m, 42.38m, 5,
            "2 DRV-40, 1 PCB-BT5-AUDIO, 1 BAT-LP-700, 1 CHG-USBC-5W, 2 MIC-MEMS, 1 HSG-HEADPHONE, 2 CSH-EAR-PAIR, 1 BTN-SET, 8 SCR-M2-05, 1 CBL-USBC"),
        new("HP-350", ["BLK", "SLV"], "Headphones", "Aria 350 noise-cancelling headphones", 249.90m, 68.72m, 4,
            "2 DRV-40, 1 PCB-BT5-ANC, 2 BAT-LP-700, 1 CHG-USBC-5W, 6 MIC-MEMS, 2 HSG-HEADPHONE, 2 CSH-EAR-PAIR, 1 BTN-SET, 10 SCR-M2-05, 1 CBL-USBC"),
        new("EB-140", ["BLK", "WHT"], "Earbuds", "Pico 140 true wireless earbuds", 79.90m, 29.09m, 5,
            "2 DRV-10, 2 PCB-EARBUD, 2 BAT-LP-060, 4 MIC-MEMS, 2 HSG-EARBUD, 1 CAS-CHARGE, 1 BAT-LP-300, 1 CHG-USBC-5W, 1 CBL-USBC"),
        new("EB-300", ["BLK"], "Earbuds", "Pico 300 noise-cancelling earbuds", 169.90m, 58.89m, 4,
            "4 DRV-10, 2 PCB-EARBUD, 1 PCB-BT5-ANC, 2 BAT-LP-060, 6 MIC-MEMS, 2 HSG-EARBUD, 1 CAS-CHARGE, 1 BAT-LP-700, 1 CHG-USBC-5W, 1 CBL-USBC"),
        new("SP-110", ["RED", "BLU"], "Speakers", "Tempo 110 portable speaker", 49.90m, 23.58m, 4,
            "1 SPK-45, 1 PCB-BT5-AUDIO, 1 BAT-LI-2600, 1 CHG-USBC-5W, 1 HSG-SMALL, 2 GSK-SEAL, 6 SCR-M3-10"),
        new("SP-450", ["BLK"], "Speakers", "Tempo 450 room speaker", 229.90m, 87.24m, 2,
            "2 SPK-45, 1 SPK-100, 1 PCB-BT5-AUDIO, 1 PCB-WIFI6, 4 MIC-MEMS, 1 PSU-MAINS-INT, 1 HSG-LARGE, 12 SCR-M3-10, 1 CBL-MAINS"),
        new("ER-600", ["BLK", "WHT"], "E-readers", "Folio 600 e-reader 6 in", 119.90m, 55.43m, 4,
            "1 DSP-EINK-6, 1 PCB-READER, 1 BAT-LP-1500, 1 CHG-USBC-5W, 1 HSG-SMALL, 1 BTN-SET, 8 SCR-M2-05, 1 CBL-USBC"),
        new("ER-780", ["BLK"], "E-readers", "Folio 780 e-reader 7.8 in, waterproof", 219.90m, 87.62m, 3,
            "1 DSP-EINK-78, 1 PCB-READER, 1 BAT-LP-1500, 1 CHG-USBC-5W, 1 HSG-MEDIUM, 1 BTN-SET, 3 GSK-SEAL, 10 SCR-M2-05, 1 CBL-USBC"),
        new("TA-800", ["GRY"], "Tablets", "Slate 800 tablet 11 in", 349.90m, 179.77m, 3,
            "1 DSP-LCD-11, 1 PCB-TABLET, 1 BAT-LP-8000, 1 CHG-USBC-30W, 2 SPK-45, 2 MIC-MEMS, 1 LNS-WIDE, 1 BTN-SET, 1 HSG-MEDIUM, 14 SCR-M2-05, 1 CBL-USBC"),
        new("SW-150", ["BLK"], "Wearables", "Pulse 150 fitness band", 49.90m, 16.45m, 4,
            "1 DSP-OLED-1, 1 PCB-SMARTHOME, 1 SNS-HEART, 1 BAT-LP-060, 1 HSG-SMALL, 1 STR-SILICONE, 1 GSK-SEAL"),
        new("SW-400", ["BLK", "ROS"], "Wearables", "Pulse 400 smart watch", 249.90m, 67.32m, 3,
            "1 DSP-AMOLED-14, 1 PCB-WATCH, 1 SNS-HEART, 1 SNS-TEMP, 1 BAT-LP-300, 1 HSG-WATCH, 2 STR-SILICONE, 2 GSK-SEAL, 1 BTN-SET, 4 SCR-M2-05, 1 CBL-USBC"),
        new("PB-200", ["BLK"], "Power banks", "Reserve 200 power bank 20,000 mAh", 69.90m, 34.20m, 3,
            "8 BAT-LI-2600, 1 CHG-USBC-30W, 1 HSG-SMALL, 4 SCR-M2-05, 1 CBL-USBC"),
        new("RT-520", ["WHT"], "Routers", "Nexa 520 Wi-Fi 6 router", 89.90m, 40.80m, 4,
            "1 PCB-WIFI6, 4 ANT-DUAL, 1 PSU-12V-24W, 1 HSG-MEDIUM, 6 SCR-M3-10"),
        new("RT-700", ["BLK"], "Routers", "Nexa 700 5G router", 329.90m, 130.77m, 2,
            "1 PCB-WIFI6, 1 MOD-5G, 8 ANT-DUAL, 1 PSU-12V-24W, 2 BAT-LI-2600, 1 FAN-120, 1 HSG-LARGE, 8 SCR-M3-10"),
        new("RT-900", ["WHT"], "Routers", "Nexa 900 Wi-Fi 7 mesh router", 249.90m, 88.76m, 3,
            "1 PCB-WIFI7, 8 ANT-DUAL, 1 PSU-12V-24W, 1 FAN-120, 1 HSG-LARGE, 8 SCR-M3-10"),
        new("SH-010", ["WHT"], "Smart home", "Haus 10 smart plug", 19.90m, 6.65m, 4,
            "1 PCB-SMARTHOME, 1 REL-16A, 1 HSG-SMALL, 3 SCR-M3-10"),
        new("SH-200", ["WHT"], "Smart home", "Haus 200 room thermostat", 79.90m, 19.04m, 2,
            "1 PCB-SMARTHOME, 1 DSP-OLED-1, 2 SNS-TEMP, 1 REL-16A, 1 BAT-LI-2600, 1 BTN-SET, 2 HSG-SMALL, 4 SCR-M3-10"),
        new("SH-330", ["BLK"], "Smart home", "Haus 330 video doorbell", 149.90m, 56.40m, 3,
            "1 PCB-IPCAM, 1 PCB-SMARTHOME, 1 SNS-CMOS-1, 1 LNS-WIDE, 2 MIC-MEMS, 1 SPK-45, 2 BAT-LI-2600, 2 GSK-SEAL, 1 HSG-MEDIUM, 6 SCR-M3-10"),
        new("RV-300", ["WHT"], "Robot vacuums", "Rondo 300 robot vacuum", 279.90m, 143.53m, 3,
            "1 PCB-ROBOT, 2 MOT-WHEEL, 1 MOT-BRUSH, 1 MOT-SUCTION, 4 SNS-CLIFF, 4 BAT-LI-2600, 1 PSU-12V-24W, 1 HSG-LARGE, 1 FLT-HEPA, 20 SCR-M3-10"),
        new("RV-650", ["BLK", "WHT"], "Robot vacuums", "Rondo 650 robot vacuum with laser navigation", 449.90m, 209.91m, 3,
            "1 PCB-ROBOT, 1 SNS-LIDAR, 2 MOT-WHEEL, 1 MOT-BRUSH, 1 MOT-SUCTION-HI, 6 SNS-CLIFF, 8 BAT-LI-2600, 1 PSU-24V-65W, 1 HSG-LARGE, 1 FLT-HEPA, 24 SCR-M3-10"),
        new("RV-900", ["BLK"], "Robot vacuums", "Rondo 900 robot vacuum with washing station", 899.90m, 350.23m, 1,
            "1 PCB-ROBOT, 1 SNS-LIDAR, 2 MOT-WHEEL, 2 MOT-BRUSH, 1 MOT-SUCTION-HI, 6 SNS-CLIFF, 8 BAT-LI-2600, 1 STN-EMPTY, 1 PSU-24V-65W, 2 HSG-LARGE, 1 FLT-HEPA, 32 SCR-M3-10"),
        new("CM-200", ["BLK", "RED"], "Coffee machines", "Crema 200 capsule machine", 119.90m, 46.97m, 4,
            "1 PMP-15BAR, 1 HTR-THERMOBLOCK, 1 PCB-SMARTHOME, 1 TNK-WATER, 1 HSG-MEDIUM, 4 GSK-SEAL, 12 SCR-M3-10, 1 CBL-MAINS"),
        new("CM-450", ["SLV", "BLK"], "Coffee machines", "Crema 450 bean-to-cup machine", 499.90m, 181.39m, 3,
            "1 PMP-15BAR, 1 HTR-THERMOBLOCK, 1 GRD-CERAMIC, 1 BRW-UNIT, 1 PCB-COFFEE, 1 DSP-OLED-1, 1 TNK-WATER, 2 HSG-LARGE, 1 PSU-MAINS-INT, 8 GSK-SEAL, 28 SCR-M3-10, 1 CBL-MAINS"),
        new("CM-800", ["SLV"], "Coffee machines", "Crema 800 bean-to-cup machine with milk system", 1199.90m, 376.44m, 1,
            "2 PMP-15BAR, 2 HTR-THERMOBLOCK, 2 GRD-CERAMIC, 1 BRW-UNIT, 1 MLK-SYSTEM, 1 PCB-COFFEE, 1 DSP-LCD-3, 1 TNK-WATER, 2 HSG-STEEL, 1 PSU-MAINS-INT, 14 GSK-SEAL, 36 SCR-M3-10"),
        new("AP-300", ["WHT"], "Air purifiers", "Brise 300 air purifier", 199.90m, 75.68m, 2,
            "2 FAN-120, 2 FLT-HEPA, 1 SNS-DUST, 1 PCB-SMARTHOME, 1 DSP-OLED-1, 1 PSU-24V-65W, 1 HSG-LARGE, 16 SCR-M3-10"),
        new("CA-100", ["BLK"], "Cameras", "Iris 100 action camera", 249.90m, 95.04m, 3,
            "1 SNS-CMOS-1, 1 LNS-WIDE, 1 PCB-IMAGING, 1 DSP-LCD-3, 1 BAT-LI-1250, 2 MIC-MEMS, 1 HSG-SMALL, 6 GSK-SEAL, 10 SCR-M2-05, 1 CBL-USBC"),
        new("CA-500", ["BLK", "SLV"], "Cameras", "Iris 500 mirrorless camera with 18-55 mm lens", 899.90m, 339.78m, 2,
            "1 SNS-CMOS-APSC, 1 LNS-KIT-1855, 1 PCB-IMAGING, 1 DSP-LCD-3, 1 BAT-LI-1250, 2 MIC-MEMS, 1 BTN-SET, 1 HSG-ALU, 4 GSK-SEAL, 26 SCR-M2-05, 1 CBL-USBC"),
        new("CA-220", ["WHT"], "Security cameras", "Iris 220 indoor security camera", 69.90m, 33.15m, 3,
            "1 PCB-IPCAM, 1 SNS-CMOS-1, 1 MIC-MEMS, 1 HSG-SMALL, 4 SCR-M2-05, 1 CBL-USBC"),
        new("PJ-600", ["WHT"], "Projectors", "Lumen 600 portable projector", 599.90m, 243.84m, 1,
            "1 LED-LIGHT-ENGINE, 1 LNS-PROJECTION, 1 PCB-PROJECTOR, 2 FAN-120, 2 SPK-45, 1 PSU-24V-65W, 1 BTN-SET, 1 HSG-LARGE, 18 SCR-M3-10, 1 CBL-MAINS"),
    ];
}
