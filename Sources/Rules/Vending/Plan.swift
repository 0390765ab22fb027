public import Ordering
public import Money

/// What a machine sells and how it behaves: the part of its configuration that rules need.
public struct Plan: Hashable, Sendable {
  /// The machine's name: the order numbers' prefix and the provider's device.
  public var machine: String
  public var lanes: [Lane]
  public var policy: Policy
  /// Whether a drop sensor is fitted and used.
  ///
  /// Without one a pulse counts as a delivery.
  public var hasDropSensor: Bool
  /// Whether the door has a switch, which tells that somebody was at the machine.
  public var hasDoorSwitch: Bool

  /// A lane: what it holds and which relay moves it.
  public struct Lane: Hashable, Sendable {
    private struct Particulars: Hashable, Sendable, Codable {
      var code: String
      var channel: String
      var name: String
      var price: Amount
      var pulse: Duration
      var capacity: Int?
    }

    private let particulars: Boxed<Particulars>

    /// Makes a lane.
    public init(
      code: String, channel: String, name: String, price: Amount, pulse: Duration, capacity: Int?
    ) {
      particulars = Boxed(
        Particulars(
          code: code, channel: channel, name: name, price: price, pulse: pulse, capacity: capacity))
    }

    public var code: String { particulars.value.code }

    public var channel: String { particulars.value.channel }

    public var name: String { particulars.value.name }

    public var price: Amount { particulars.value.price }

    public var pulse: Duration { particulars.value.pulse }

    /// Pieces when full; nil when stock is not counted.
    public var capacity: Int? { particulars.value.capacity }

    /// The same lane at another price.
    func priced(_ price: Amount) -> Lane {
      guard price != self.price else { return self }
      return Lane(
        code: code, channel: channel, name: name, price: price, pulse: pulse, capacity: capacity)
    }

    var product: Screen.Product { Screen.Product(lane: code, name: name, price: price) }
  }

  /// How the machine behaves.
  public struct Policy: Hashable, Sendable {
    public var selectionTimeout: Duration = .seconds(15)
    /// How long the QR code is shown.
    public var paymentTimeout: Duration = .seconds(90)
    /// How long the provider takes the payment: at least five minutes, since the platform refuses
    /// shorter times (facts: WeChat Pay A.11); the machine closes the order earlier by itself.
    public var providerExpiry: Duration = .seconds(360)
    /// How long an order may take to open before the customer is told that it does not work.
    public var openTimeout: Duration = .seconds(12)
    public var dropTimeout: Duration = .seconds(5)
    public var messageTime: Duration = .seconds(5)
    /// How long after the QR code has gone a payment still counts as the customer's in front.
    public var sameCustomer: Duration = .seconds(30)
    public var unsure: Outcome.UnsureChoice = .refund
    public var unsureRefundsPerDay = 3
    /// Failures in a row that close a lane.
    public var laneFailureLimit = 2
    /// Failures in a row, of whatever lanes, that stop the machine.
    public var machineFailureLimit = 5
    public var unsettledLimit = 20
    public var cancelKey = "*"
    /// Empty: a code that names one lane only is taken at once.
    public var confirmKey = "#"
    /// Whether a service code is set: without one the keypad opens nothing.
    public var hasServiceCode = false
    /// Whether the payment core may set the prices: one that is a service.
    public var takesPriceList = false
    /// How long service mode waits for the next key.
    public var serviceTimeout: Duration = .seconds(120)
    /// The language of what the rules themselves put on the screen.
    public var language = Bilingual.Language.chinese

    /// The defaults.
    public init() {}
  }

  /// Makes a plan.
  public init(
    machine: String, lanes: [Lane], policy: Policy, hasDropSensor: Bool,
    hasDoorSwitch: Bool = false
  ) {
    (self.machine, self.lanes, self.policy) = (machine, lanes, policy)
    (self.hasDropSensor, self.hasDoorSwitch) = (hasDropSensor, hasDoorSwitch)
  }

  func lane(_ code: String) -> Lane? { lanes.first { $0.code == code } }

  /// Whether no further key could make `typed` the code of another lane.
  func isComplete(_ typed: String) -> Bool {
    !lanes.contains { $0.code != typed && $0.code.hasPrefix(typed) }
  }
}

extension Plan.Lane: Codable {
  /// Written as its particulars, one beside the other.
  public func encode(to encoder: any Encoder) throws { try particulars.encode(to: encoder) }

  /// Read from its particulars.
  public init(from decoder: any Decoder) throws { particulars = try Boxed(from: decoder) }
}
