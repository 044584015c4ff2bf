namespace EseErp.DemoData;

/// <summary>The categories: what breaks in them and which cost center bears their returns.</summary>
internal static class CategoryTable
{
    public const string NoFaultFound = "NO_FAULT_FOUND";

    public static readonly IReadOnlyDictionary<string, (string CostCenter, IReadOnlyList<string> FaultCodes)> Categories =
        new Dictionary<string, (string, IReadOnlyList<string>)>
        {
            ["Headphones"] = ("CC-4110", ["DRIVER_DISTORTED", "BATTERY_WORN", "HEADBAND_CRACKED", "BLUETOOTH_DROPS", NoFaultFound]),
            ["Earbuds"] = ("CC-4110", ["ONE_SIDE_SILENT", "BATTERY_SWOLLEN", "CASE_NOT_CHARGING", "BLUETOOTH_DROPS", NoFaultFound]),
            ["Speakers"] = ("CC-4110", ["DRIVER_DISTORTED", "BATTERY_WORN", "WATER_INGRESS", "POWER_FAILURE", NoFaultFound]),
            ["E-readers"] = ("CC-4120", ["DISPLAY_CRACKED", "DISPLAY_GHOSTING", "BATTERY_SWOLLEN", "USB_PORT_LOOSE", NoFaultFound]),
            ["Tablets"] = ("CC-4120", ["DISPLAY_CRACKED", "TOUCH_UNRESPONSIVE", "BATTERY_SWOLLEN", "BOOT_LOOP", NoFaultFound]),
            ["Wearables"] = ("CC-4120", ["DISPLAY_DEAD", "BATTERY_WORN", "HEART_SENSOR_FAULTY", "WATER_INGRESS", NoFaultFound]),
            ["Power banks"] = ("CC-4120", ["BATTERY_SWOLLEN", "USB_PORT_LOOSE", "CHARGE_CIRCUIT_DEAD", NoFaultFound]),
            ["Routers"] = ("CC-4130", ["WIFI_RADIO_DEAD", "OVERHEATING", "POWER_SUPPLY_DEAD", "FIRMWARE_CORRUPT", NoFaultFound]),
            ["Smart home"] = ("CC-4130", ["RELAY_STUCK", "PAIRING_FAILS", "SENSOR_DRIFT", "POWER_FAILURE", NoFaultFound]),
            ["Robot vacuums"] = ("CC-4140", ["WHEEL_MOTOR_BLOCKED", "LIDAR_FAULTY", "BATTERY_WORN", "SUCTION_LOSS", "CLIFF_SENSOR_FAULTY", NoFaultFound]),
            ["Coffee machines"] = ("CC-4140", ["PUMP_FAILURE", "HEATER_OPEN_CIRCUIT", "GRINDER_BLOCKED", "WATER_LEAK", "CONTROL_BOARD_DEAD", NoFaultFound]),
            ["Air purifiers"] = ("CC-4140", ["FAN_NOISE", "PARTICLE_SENSOR_FAULTY", "POWER_FAILURE", NoFaultFound]),
            ["Cameras"] = ("CC-4150", ["SENSOR_HOT_PIXELS", "LENS_MISALIGNED", "SHUTTER_STUCK", "BATTERY_WORN", "DISPLAY_DEAD", NoFaultFound]),
            ["Security cameras"] = ("CC-4150", ["NIGHT_VISION_DEAD", "WIFI_RADIO_DEAD", "WATER_INGRESS", NoFaultFound]),
            ["Projectors"] = ("CC-4150", ["LIGHT_ENGINE_DIM", "FAN_NOISE", "OVERHEATING", "FOCUS_STUCK", NoFaultFound]),
        };

    public static readonly IReadOnlyList<DemoCostCenter> CostCenters =
    [
        new("CC-4110", "Returns, audio", "EUR"),
        new("CC-4120", "Returns, mobile devices", "EUR"),
        new("CC-4130", "Returns, network and smart home", "EUR"),
        new("CC-4140", "Returns, household", "EUR"),
        new("CC-4150", "Returns, imaging", "EUR"),
    ];
}
