@testable import PaymentPlatform
import MachineFiles
import Control
import Money
import Platform
import Testing

@testable import Simulation

// What a customer does before the machine.
extension Shop {
  /// Presses a lane's keys and the confirm key, as fast as fingers are.
  func select(_ lane: String) async throws {
    for key in lane.map(String.init) + [machine.configuration.policy.confirmKey] {
      let before = ups(of: key)
      board.press(key, for: .milliseconds(200))
      try await until("key \(key) is up") { ups(of: key) > before }
      await pause(.milliseconds(60))
    }
  }

  private func ups(of key: String) -> Int {
    board.events.count { if case .keyUp(key, _) = $0 { true } else { false } }
  }

  /// Waits until a foreign reader finds a code on the display's pixels, other than `old`.
  func code(
    other old: String? = nil, within limit: Duration = .seconds(20)
  ) async throws -> String {
    let reader = QRReader(directory: folder)
    var found: String?
    var seen = -1
    try await until("a QR code on the display", within: limit) {
      let paints = board.snapshot.paints
      guard paints != seen, let frame = board.displayFrame() else { return false }
      seen = paints
      guard let text = try await reader.read(frame), text != old else { return false }
      found = text
      return true
    }
    return try #require(found)
  }

  /// Scans and pays; the platform's words when it refuses.
  @discardableResult
  func pay(_ code: String) -> PayerRefusal? {
    switch platform.pay(code, payer: "oCustomer") {
    case .success: nil
    case .failure(let refusal): refusal
    }
  }

  /// Selects until the machine takes it up: on a busy computer a key may go unseen, and a customer
  /// who sees that nothing happens begins again.
  func order(_ lane: String, attempts: Int = 3) async throws {
    let before = platform.model.orders.count
    for attempt in 1...attempts {
      try await select(lane)
      let isTaken: ()? = try? await until("an order", within: .seconds(5)) {
        platform.model.orders.count > before
      }
      if isTaken != nil { return }
      guard attempt < attempts else { break }
      board.press(machine.configuration.policy.cancelKey, for: .milliseconds(200))
      await pause(.milliseconds(500))
    }
    throw Late(description: "the machine takes no order of \(lane)")
  }

  /// Selects, reads the code and pays.
  func buy(_ lane: String) async throws {
    try await order(lane)
    #expect(pay(try await code()) == nil)
  }

  /// How a lane is.
  func lane(_ code: String) throws -> BoardSnapshot.Lane {
    let lane = try #require(machine.configuration.lanes.first { $0.code == code })
    return try #require(board.snapshot.lane(lane.channel))
  }

  func channel(_ code: String) throws -> String {
    try #require(machine.configuration.lanes.first { $0.code == code }).channel
  }

  var pulses: Int { board.snapshot.lanes.reduce(0) { $0 + $1.pulses } }

  /// Waits until the book has nothing open and the machine is idle.
  func untilSettled() async throws {
    try await until("everything is settled", within: .seconds(60)) {
      guard let status = await status() else { return false }
      return status.state == "idle" && status.openOrders == 0
        && status.counters["unsettled"] == 0
    }
  }
}
