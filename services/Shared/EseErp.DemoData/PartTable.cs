namespace EseErp.DemoData;

/// <summary>The parts all devices are made of: part number, name, cost of one piece in EUR.</summary>
internal static class PartTable
{
    public static readonly IReadOnlyDictionary<string, (string Name, decimal UnitCost)> Parts =
        new Dictionary<string, (string, decimal)>
        {
            // Power
            ["BAT-LP-060"] = ("Lithium polymer cell 60 mAh", 0.82m),
            ["BAT-LP-300"] = ("Lithium polymer cell 300 mAh", 1.65m),
            ["BAT-LP-700"] = ("Lithium polymer cell 700 mAh", 2.15m),
            ["BAT-LP-1500"] = ("Lithium polymer cell 1,500 mAh", 3.40m),
            ["BAT-LP-8000"] = ("Lithium polymer pack 8,000 mAh", 15.80m),
            ["BAT-LI-1250"] = ("Camera battery pack 1,250 mAh", 8.90m),
            ["BAT-LI-2600"] = ("Lithium ion cell 18650, 2,600 mAh", 2.70m),
            ["CHG-USBC-5W"] = ("Charging circuit USB-C 5 W", 0.95m),
            ["CHG-USBC-30W"] = ("Charging circuit USB-C 30 W", 3.10m),
            ["PSU-12V-24W"] = ("Power supply 12 V, 24 W", 5.60m),
            ["PSU-24V-65W"] = ("Power supply 24 V, 65 W", 11.40m),
            ["PSU-MAINS-INT"] = ("Internal mains power board", 9.20m),

            // Boards
            ["PCB-BT5-AUDIO"] = ("Main board, Bluetooth audio", 9.80m),
            ["PCB-BT5-ANC"] = ("Main board, Bluetooth audio with noise cancelling", 18.60m),
            ["PCB-EARBUD"] = ("Earbud board, Bluetooth", 5.10m),
            ["PCB-READER"] = ("Main board, e-reader", 13.50m),
            ["PCB-TABLET"] = ("Main board, tablet, 8 GB", 58.00m),
            ["PCB-WIFI6"] = ("Router board, Wi-Fi 6", 17.40m),
            ["PCB-WIFI7"] = ("Router board, Wi-Fi 7", 41.00m),
            ["PCB-ROBOT"] = ("Main board, robot vacuum", 29.50m),
            ["PCB-COFFEE"] = ("Control board, coffee machine", 14.20m),
            ["PCB-IMAGING"] = ("Image processing board", 34.00m),
            ["PCB-IPCAM"] = ("Camera board, network video", 8.40m),
            ["PCB-WATCH"] = ("Main board, wearable", 12.80m),
            ["PCB-SMARTHOME"] = ("Control board, Thread and Wi-Fi", 2.60m),
            ["PCB-PROJECTOR"] = ("Main board, projector", 52.00m),
            ["MOD-5G"] = ("Cellular module, 5G", 48.00m),
            ["ANT-DUAL"] = ("Antenna, dual band", 0.85m),

            // Sound
            ["DRV-10"] = ("Dynamic driver 10 mm", 1.10m),
            ["DRV-40"] = ("Dynamic driver 40 mm", 3.60m),
            ["SPK-45"] = ("Loudspeaker 45 mm", 2.90m),
            ["SPK-100"] = ("Woofer 100 mm", 8.70m),
            ["MIC-MEMS"] = ("Microphone, MEMS", 0.45m),

            // Displays and optics
            ["DSP-EINK-6"] = ("E-paper display 6 in", 22.50m),
            ["DSP-EINK-78"] = ("E-paper display 7.8 in", 43.00m),
            ["DSP-LCD-3"] = ("LCD touch display 3 in", 9.60m),
            ["DSP-LCD-11"] = ("LCD touch display 11 in", 46.00m),
            ["DSP-OLED-1"] = ("OLED display 1 in", 3.90m),
            ["DSP-AMOLED-14"] = ("AMOLED touch display 1.4 in", 19.80m),
            ["SNS-CMOS-1"] = ("Image sensor 1/2.3 in", 14.60m),
            ["SNS-CMOS-APSC"] = ("Image sensor APS-C", 118.00m),
            ["LNS-WIDE"] = ("Wide angle lens", 5.20m),
            ["LNS-KIT-1855"] = ("Zoom lens 18-55 mm", 64.00m),
            ["LNS-PROJECTION"] = ("Projection lens", 36.00m),
            ["LED-LIGHT-ENGINE"] = ("LED light engine 600 lm", 58.00m),

            // Sensors and switches
            ["SNS-LIDAR"] = ("Laser distance sensor", 21.00m),
            ["SNS-CLIFF"] = ("Cliff sensor", 0.90m),
            ["SNS-HEART"] = ("Heart rate sensor", 2.80m),
            ["SNS-TEMP"] = ("Temperature sensor", 0.55m),
            ["SNS-DUST"] = ("Particle sensor", 6.40m),
            ["REL-16A"] = ("Relay 16 A", 0.90m),
            ["BTN-SET"] = ("Button set", 0.60m),

            // Motors, water, heat
            ["MOT-WHEEL"] = ("Drive wheel with motor", 9.80m),
            ["MOT-BRUSH"] = ("Main brush with motor", 8.20m),
            ["MOT-SUCTION"] = ("Suction motor 2,500 Pa", 14.50m),
            ["MOT-SUCTION-HI"] = ("Suction motor 6,000 Pa", 26.00m),
            ["STN-EMPTY"] = ("Emptying and washing station", 92.00m),
            ["FAN-120"] = ("Fan 120 mm", 4.10m),
            ["FLT-HEPA"] = ("HEPA filter", 6.90m),
            ["PMP-15BAR"] = ("Water pump 15 bar", 9.40m),
            ["HTR-THERMOBLOCK"] = ("Thermoblock heater", 13.80m),
            ["GRD-CERAMIC"] = ("Grinder with ceramic burrs", 31.00m),
            ["BRW-UNIT"] = ("Brewing unit", 24.50m),
            ["MLK-SYSTEM"] = ("Milk frothing system", 38.00m),
            ["TNK-WATER"] = ("Water tank", 3.20m),

            // Housings and small parts
            ["HSG-HEADPHONE"] = ("Headband and ear cup shells", 6.20m),
            ["CSH-EAR-PAIR"] = ("Ear cushions, pair", 2.40m),
            ["HSG-EARBUD"] = ("Earbud shell", 0.75m),
            ["CAS-CHARGE"] = ("Charging case shell", 2.30m),
            ["HSG-SMALL"] = ("Plastic housing, small", 1.40m),
            ["HSG-MEDIUM"] = ("Plastic housing, medium", 4.80m),
            ["HSG-LARGE"] = ("Plastic housing, large", 13.60m),
            ["HSG-STEEL"] = ("Stainless steel housing", 41.00m),
            ["HSG-ALU"] = ("Aluminium body", 27.50m),
            ["HSG-WATCH"] = ("Watch case with glass", 9.70m),
            ["STR-SILICONE"] = ("Silicone strap", 1.20m),
            ["GSK-SEAL"] = ("Sealing ring", 0.12m),
            ["SCR-M2-05"] = ("Screw M2 x 5", 0.01m),
            ["SCR-M3-10"] = ("Screw M3 x 10", 0.02m),
            ["CBL-USBC"] = ("Cable USB-C, 1 m", 0.90m),
            ["CBL-MAINS"] = ("Mains cable", 1.30m),
        };
}
