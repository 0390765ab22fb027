internal import PaymentPlatform
internal import MachineFiles
internal import Money

/// What the front panel shows at one moment, as the page gets it.
struct PanelView: Codable, Hashable, Sendable {
  var milliseconds: Int64
  var machine: String
  var power: Power
  var status: String
  var process: Int32?
  var starts: Int
  var keys: [[String]]
  var keysDown: [String]
  var cancelKey: String
  var confirmKey: String
  var lanes: [Lane]
  var display: Display
  var phone: Phone
  var network: String
  var isDoorOpen: Bool
  var isBalanceEmpty: Bool
  var isSensorDead: Bool
  var orders: [Order]
  /// The index of the newest line of the log.
  var logged: Int

  enum Power: String, Codable, Hashable, Sendable {
    case off, starting, on
  }

  struct Lane: Codable, Hashable, Sendable {
    var code: String
    var name: String
    var price: String
    var channel: String
    var pieces: Int
    var isJammed: Bool
    var isRelayOn: Bool
    var pulses: Int
    var fallen: Int
  }

  struct Display: Codable, Hashable, Sendable {
    var width: Int
    var height: Int
    var isPlugged: Bool
    /// Changes with the picture.
    var paints: Int
  }

  struct Phone: Codable, Hashable, Sendable {
    /// `away`, `cashier`, `paid` or `refused`.
    var screen: String
    var merchant: String?
    var title: String?
    var amount: String?
    var order: String?
    var words: String?
  }

  struct Order: Codable, Hashable, Sendable {
    var number: String
    var title: String
    var amount: String
    /// The platform's `trade_state`.
    var state: String
    /// The last refund's state; nil without one.
    var refund: String?
  }
}

extension SimulatedMachine {
  /// The machine as the front panel shows it.
  var view: PanelView {
    let model = platform.model
    let snapshot = board.snapshot
    let power: PanelView.Power = !daemon.isRunning ? .off : isReady ? .on : .starting
    let lines = log.lines(after: 0)
    return PanelView(
      milliseconds: log.milliseconds, machine: configuration.name, power: power,
      status: statusLine, process: daemon.number, starts: daemon.starts,
      keys: configuration.board.keypad.keys, keysDown: snapshot.keysDown,
      cancelKey: configuration.policy.cancelKey, confirmKey: configuration.policy.confirmKey,
      lanes: configuration.lanes.compactMap { Self.lane($0, snapshot) },
      display: .init(
        width: configuration.board.display.width, height: configuration.board.display.height,
        isPlugged: snapshot.isDisplayPlugged, paints: snapshot.paints),
      phone: Self.phone(phone.screen), network: platform.gate.passage.rawValue,
      isDoorOpen: snapshot.isDoorOpen,
      isBalanceEmpty: model.merchants[Self.merchant.id]?.isBalanceWithdrawn ?? false,
      isSensorDead: isSensorDead,
      orders: model.orders.suffix(8).reversed().map(Self.order),
      logged: lines.last?.index ?? 0)
  }

  private static func lane(
    _ lane: MachineConfiguration.Lane, _ snapshot: BoardSnapshot
  ) -> PanelView.Lane? {
    snapshot.lane(lane.channel).map { state in
      PanelView.Lane(
        code: lane.code, name: lane.name, price: lane.price.yuan, channel: lane.channel,
        pieces: state.pieces, isJammed: state.mood == .jammed, isRelayOn: state.isRelayOn,
        pulses: state.pulses, fallen: state.fallen)
    }
  }

  private static func phone(_ screen: CustomerPhone.Screen) -> PanelView.Phone {
    func cashier(_ name: String, _ cashier: PlatformCashier) -> PanelView.Phone {
      PanelView.Phone(
        screen: name, merchant: cashier.merchantName, title: cashier.title,
        amount: cashier.amount.yuan, order: cashier.order)
    }
    return switch screen {
    case .away: PanelView.Phone(screen: "away")
    case .cashier(let open): cashier("cashier", open)
    case .paid(let done): cashier("paid", done)
    case .refused(let words): PanelView.Phone(screen: "refused", words: words)
    }
  }

  private static func order(_ order: PlatformOrder) -> PanelView.Order {
    PanelView.Order(
      number: order.number, title: order.title, amount: order.total.yuan,
      state: order.state.rawValue, refund: order.refunds.last?.status.rawValue)
  }
}
