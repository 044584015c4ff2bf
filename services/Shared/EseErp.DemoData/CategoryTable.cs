namespace EseErp.DemoData;

/// <summary>The categories: what breaks in them and which cost center bears their returns.</summary>
internal static class CategoryTable
{
    public const string NoFaultFound = "NO_FAULT_FOUND";

    // What the workbench looks at in every device, whatever it is: whether it starts, and its battery or buffer cell.
    private static readonly string[] InAny = ["NO_POWER", "BATTERY_SWOLLEN"];

    public static readonly IReadOnlyDictionary<string, (string CostCenter, IReadOnlyList<string> FaultCodes)> Categories =
        new Dictionary<string, (string, IReadOnlyList<string>)>
        {
            ["Headphones"] = ("CC-4110", Faults("DRIVER_DISTORTED", "BATTERY_WORN", "HEADBAND_CRACKED", "BLUETOOTH_DROPS")),
            ["Earbuds"] = ("CC-4110", Faults("ONE_SIDE_SILENT", "BATTERY_SWOLLEN", "CASE_NOT_CHARGING", "BLUETOOTH_DROPS")),
            ["Speakers"] = ("CC-4110", Faults("DRIVER_DISTORTED", "BATTERY_WORN", "WATER_INGRESS", "POWER_FAILURE")),
            ["E-readers"] = ("CC-4120", Faults("DISPLAY_CRACKED", "DISPLAY_GHOSTING", "BATTERY_SWOLLEN", "USB_PORT_LOOSE")),
            ["Tablets"] = ("CC-4120", Faults("DISPLAY_CRACKED", "TOUCH_UNRESPONSIVE", "BATTERY_SWOLLEN", "BOOT_LOOP")),
            ["Wearables"] = ("CC-4120", Faults("DISPLAY_DEAD", "BATTERY_WORN", "HEART_SENSOR_FAULTY", "WATER_INGRESS")),
            ["Power banks"] = ("CC-4120", Faults("BATTERY_SWOLLEN", "USB_PORT_LOOSE", "CHARGE_CIRCUIT_DEAD")),
            ["Routers"] = ("CC-4130", Faults("WIFI_RADIO_DEAD", "OVERHEATING", "POWER_SUPPLY_DEAD", "FIRMWARE_CORRUPT")),
            ["Smart home"] = ("CC-4130", Faults("RELAY_STUCK", "PAIRING_FAILS", "SENSOR_DRIFT", "POWER_FAILURE")),
            ["Robot vacuums"] = ("CC-4140", Faults("WHEEL_MOTOR_BLOCKED", "LIDAR_FAULTY", "BATTERY_WORN", "SUCTION_LOSS", "CLIFF_SENSOR_FAULTY")),
            ["Coffee machines"] = ("CC-4140", Faults("PUMP_FAILURE", "HEATER_OPEN_CIRCUIT", "GRINDER_BLOCKED", "WATER_LEAK", "CONTROL_BOARD_DEAD")),
            ["Air purifiers"] = ("CC-4140", Faults("FAN_NOISE", "PARTICLE_SENSOR_FAULTY", "POWER_FAILURE")),
            ["Cameras"] = ("CC-4150", Faults("SENSOR_HOT_PIXELS", "LENS_MISALIGNED", "SHUTTER_STUCK", "BATTERY_WORN", "DISPLAY_DEAD")),
            ["Security cameras"] = ("CC-4150", Faults("NIGHT_VISION_DEAD", "WIFI_RADIO_DEAD", "WATER_INGRESS")),
            ["Projectors"] = ("CC-4150", Faults("LIGHT_ENGINE_DIM", "FAN_NOISE", "OVERHEATING", "FOCUS_STUCK")),
        };

    public static readonly IReadOnlyList<DemoCostCenter> CostCenters =
    [
        new("CC-4110", "Returns, audio", "EUR"),
        new("CC-4120", "Returns, mobile devices", "EUR"),
        new("CC-4130", "Returns, network and smart home", "EUR"),
        new("CC-4140", "Returns, household", "EUR"),
        new("CC-4150", "Returns, imaging", "EUR"),
    ];

    // Its own faults first.
    private static string[] Faults(params string[] own) => [.. own, .. InAny.Except(own), NoFaultFound];
}
