import Control
import FoundationEssentials
import Glibc
import MachineFiles
import Money
import NetworkClient
import Ordering
import PaymentPlatform
import Platform
import Storage
import Timing
import Vending

@testable import Diagnostics

// What is wrong in the cabinet and around it, and what technicians did.
extension StoredState {
  // MARK: The cabinet

  static let cabinet = [
    StoredState("lane-closed", "Two customers in a row got nothing from lane 11.") {
      $0.start()
      $0.relay = .works(dropAfter: nil)
      for _ in 0..<2 { $0.sell("11") }
      $0.wait(.seconds(120))
    },
    StoredState(
      "machine-failing", "Three sales failed one after the other, on whatever lane.",
      settings: { $0.policy.machineFailureLimit = 3 }
    ) {
      $0.start()
      $0.relay = .works(dropAfter: nil)
      for lane in ["11", "12", "11"] { $0.sell(lane) }
      $0.wait(.seconds(120))
    },
    StoredState("relay-refused", "The relay of lane 11 did not switch.") {
      $0.start()
      $0.relay = .refuses
      $0.sell("11")
      $0.wait(.seconds(120))
    },
    StoredState("relay-stuck", "The relay of lane 11 stayed on after a sale.") {
      $0.start()
      $0.relay = .sticks
      $0.sell("11")
    },
    StoredState(
      "sold-out-counted", "The two pieces of lane 11 are sold.",
      settings: { $0.lanes[0].capacity = 2 }
    ) {
      $0.start()
      for _ in 0..<2 { $0.sell("11") }
    },
    StoredState("sold-out-switch", "The switch of lane 12 says that it is empty.") {
      $0.start()
      $0.sell("12")
      $0.parts.emptyChannels = ["relay2"]
      $0.laneEmptied("relay2", true)
    },
    StoredState("door-open", "The door is open; it was open twice before.") { played in
      played.start()
      played.sell("11")
      for _ in 0..<2 {
        played.openDoor()
        played.wait(.seconds(300))
        played.closeDoor()
        played.wait(.seconds(60))
      }
      played.openDoor()
      played.wait(.seconds(75))
    },
    StoredState("display-dark", "The display's cable is out.") {
      $0.start()
      $0.sell("11")
      $0.raise(.displayDark, "", "/dev/ttyACM0 is not there")
    },
    StoredState("key-stuck", "Key 2 is held down.") {
      $0.start()
      $0.parts.stuckKeys = ["2"]
      $0.raise(.keyStuck, "2")
    },
    StoredState("sensor-blocked", "Something lies in the beam of the drop sensor.") {
      $0.start()
      $0.sell("11")
      $0.raise(.sensorBlocked)
    },
    StoredState("lines-lost", "The relay board does not answer any more.") {
      $0.start()
      $0.parts.linesAreHeld = false
      $0.raise(.linesLost, "", "line GPIO17: No such device")
    },
  ]

  // MARK: Around

  static let around = [
    StoredState("network-down", "The name of the payment platform cannot be resolved.") {
      $0.start()
      $0.sell("11")
      $0.platform.outage = HTTPFailure(
        .nameNotResolved, "Could not resolve host: api.mch.weixin.qq.com")
      $0.choose("12")
      $0.wait(.seconds(120))
    },
    StoredState("credentials-refused", "The merchant's API key was changed at the platform.") {
      $0.start()
      $0.sell("11")
      var merchant = $0.platform.model.merchants[$0.configuration.account.merchantID]
      merchant?.apiKey = "0000e7d15453e97507ef794cf7b0519d"
      if let merchant { $0.platform.model.add(merchant) }
      $0.choose("12")
      $0.wait(.seconds(120))
    },
    StoredState("clock-wrong", "The clock is a quarter of an hour from the platform's.") {
      $0.start()
      $0.raise(.clockWrong, "", "15 min behind the provider's clock")
    },
    StoredState("disk-full", "The disk filled up, and the daemon was started again on it.") {
      $0.start()
      $0.sell("11")
      $0.stop()
      $0.diskTrouble = .full
      $0.start()
    },
    StoredState("journal-damaged", "A record of the journal is not what was written.") {
      $0.start()
      for _ in 0..<2 { $0.sell("11") }
      $0.stop()
      try $0.damageJournal()
      $0.start()
    },
    StoredState("older-store", "The ledger was written by a program without the newer counts.") {
      $0.start()
      $0.sell("11")
      $0.stop()
      try $0.forgetNewFields()
      $0.start()
      $0.sell("12")
    },
  ]

  // MARK: In the field

  static let field = [
    StoredState("service-locked", "A technician has locked it for service.") {
      $0.start()
      $0.sell("11")
      $0.handle(.serviceAsked(locked: true))
      $0.wait(.seconds(60))
    },
    StoredState("prices-changed", "Two persons set prices; one lane is out of use.") {
      $0.start()
      $0.sell("11")
      $0.grant(.price(lane: "11", Amount(fen: 500)), by: 1000)
      $0.wait(.seconds(3600))
      $0.grant(.price(lane: "12", Amount(fen: 250)), by: 1001)
      $0.grant(.lane("12", isOn: false), by: 1001)
      $0.sell("11")
    },
    StoredState("refilled", "It was sold from, and filled to a par level of six.") {
      $0.start()
      for _ in 0..<3 { $0.sell("11") }
      $0.grant(.par(lane: "11", pieces: 6), by: 1000)
      $0.grant(.fillAll, by: 1000)
    },
    StoredState("tested", "Lanes were tried with the door open: pulses, and a vend without money.")
    {
      $0.start()
      $0.sell("11")
      $0.openDoor()
      for (lane, isWhole) in [("11", false), ("12", false), ("11", true)] {
        $0.handle(.testVendAsked(lane: lane, isWhole: isWhole, by: .control(user: 1000)))
        $0.wait(.seconds(10))
      }
      $0.closeDoor()
    },
  ]
}

extension PlayedMachine {
  /// Turns a byte of a stored record over, as worn flash does.
  func damageJournal() throws {
    let path = "\(state.path)/board.db"
    for name in ["\(path)-wal", "\(path)-shm"] { unlink(name) }
    var bytes = try Files.read(path, limit: 16 << 20)
    let place = bytes.lastRange(of: Array("\"settled\"".utf8))?.lowerBound ?? bytes.count / 2
    bytes[place + 2] ^= 1
    try Files.replace(path, with: bytes, durable: false)
  }

  /// Writes the ledger as the program wrote it before it counted refunds and lanes.
  func forgetNewFields() throws {
    let store = try RecordStore(path: "\(state.path)/board.db", role: .board)
    guard var text = try store.value(Ledger.storageKey) else { return }
    for field in ["\"serviceVends\":0,", ",\"testVends\":0,\"value\":435,\"vends\":1"] {
      if let range = text.firstRange(of: field) { text.removeSubrange(range) }
    }
    try store.commit([], values: [(Ledger.storageKey, text)])
  }
}
