internal import Control
internal import Hummingbird
internal import MachineFiles
internal import PaymentPlatform
internal import Synchronization

/// The buttons for trouble.
extension SimulatedMachine {
  /// What the front panel can break and mend.
  public enum Trouble: String, Hashable, Sendable, Codable, CaseIterable {
    /// The product of one lane, or of all, hangs.
    case jam
    /// The platform refuses connections.
    case network
    /// Connections stand, but nothing passes.
    case blackhole
    /// The machine has no power.
    case power
    /// The daemon is killed (`kill -9`) and started again at once.
    case kill
    /// The display's plug is out.
    case display
    /// The merchant's balance is empty: refunds are NOTENOUGH.
    case balance
    /// The door is open.
    case door
    /// The drop sensor sees nothing.
    case sensor
    /// The payment code's cashier stays open and pays even after the order was closed.
    case latePayment
  }

  func trouble(_ name: String, isOn: Bool, lane: String?) async throws {
    guard let trouble = Trouble(rawValue: name) else { throw HTTPError(.notFound) }
    try await set(trouble, isOn, lane: lane)
  }

  /// Breaks something, or mends it.
  public func set(_ trouble: Trouble, _ isOn: Bool, lane: String? = nil) async throws {
    if trouble != .power {
      log.add(.person, "\(trouble.rawValue)\(lane.map { " \($0)" } ?? ""): \(isOn ? "on" : "off")")
    }
    switch trouble {
    case .jam:
      for each in configuration.lanes where lane == nil || each.code == lane {
        board.setMood(isOn ? .jammed : .works, of: each.channel)
      }
    case .network: try await platform.gate.set(isOn ? .refused : .open)
    case .blackhole: try await platform.gate.set(isOn ? .blackholed : .open)
    case .power:
      if isOn {
        await pullPower()
      } else {
        log.add(.person, "restores the power")
        try await powerOn()
      }
    case .kill: try await restartDaemon()
    case .display: isOn ? board.unplugDisplay() : board.replugDisplay()
    case .balance:
      platform.withModel { model, _ in model.withdrawBalance(of: Self.merchant.id, isOn) }
    case .door: board.setDoor(open: isOn)
    case .sensor:
      sensor.withLock { $0 = isOn }
      board.setSensor(isOn ? .dead : .none)
    case .latePayment:
      platform.withModel { model, _ in model.policy.cashierOutlivesClose = isOn }
    }
    log.bell.ring()
  }

  /// Fills a lane, frees what hangs in it, and tells the machine as `vendctl refill` does.
  ///
  /// A machine that is off learns nothing, and goes on counting from what it knew.
  func refill(lane code: String) async throws {
    guard let lane = configuration.lanes.first(where: { $0.code == code }) else {
      throw HTTPError(.badRequest, message: "no such lane")
    }
    board.setMood(.works, of: lane.channel)
    board.setStock(lane.capacity ?? 8, of: lane.channel)
    log.add(.person, "refills \(code)")
    if lane.capacity != nil { _ = await ask(.refill(lane: code, pieces: nil)) }
  }
}
