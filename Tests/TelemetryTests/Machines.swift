import Control
import Telemetry

/// Readings of machines, for the tests.
enum Machines {
  static func status(sells: Bool = true, vends: Int64 = 1204) -> MachineStatus {
    var tea = MachineStatus.LaneLine(
      code: "11", name: "乌龙茶", priceFen: 450, stock: 7, isClosed: false, failures: 0)
    tea.par = 10
    var water = MachineStatus.LaneLine(
      code: "12", name: "Water \"still\" \\ 500 ml", priceFen: 300, stock: nil, isClosed: true,
      failures: 2)
    water.isOff = false
    return MachineStatus(
      machine: "CAMPUS7", board: "orange-pi-zero-3", version: "0.1.0", process: 4711,
      uptimeSeconds: 93_784, state: "idle", order: nil, sells: sells,
      faults: [
        MachineStatus.FaultLine(code: "L1", subject: "12", words: "closed", sinceMilliseconds: 0)
      ],
      lanes: [tea, water],
      counters: [
        "vends": vends, "valueFen": 541_805, "failures": 3, "unsure": 0, "cancelled": 20,
        "testVends": 12, "serviceVends": 2, "lateDrops": 1, "refunds": 3, "refundedFen": 1350,
        "unsettled": 1,
      ],
      openOrders: 1, clockSkewMilliseconds: -12)
  }

  static func parts(doorIsOpen: Bool = false) -> PartsReport {
    var parts = PartsReport(screen: "idle", displayIsWell: true, linesAreHeld: true)
    parts.doorIsOpen = doorIsOpen
    return parts
  }

  static let healthy = MachineReading.running(status(), parts())
}
