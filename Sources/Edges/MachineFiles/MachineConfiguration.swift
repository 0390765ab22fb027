public import Money

/// A machine file: what this machine sells, how it behaves, and who is paid.
public struct MachineConfiguration: Equatable, Sendable {
  /// The machine's name: digits and letters, the order numbers' prefix and the provider's device.
  public var name: String
  /// The board file, as an absolute path.
  public var boardFile: String
  public var board: BoardConfiguration
  public var language: Language
  public var lanes: [Lane]
  public var policy: Policy
  /// Where the payment core is.
  public var core: Core
  /// Where journal and order book are kept; `$STATE_DIRECTORY` has the word under systemd.
  public var stateDirectory: String
  /// Where the control socket is.
  public var controlSocket: String
  /// The font file for the screen.
  public var font: String
  /// Whether the board's drop sensor judges deliveries; without it a pulse counts as one.
  public var usesDropSensor: Bool
  /// Service mode at the keypad; nil: there is none.
  public var service: Service?
  /// What `vendtelemetry` hands on; nil: nothing.
  public var telemetry: Telemetry?

  /// Service mode at the keypad: the door open, and a code.
  public struct Service: Equatable, Sendable {
    /// Where the code's hash is kept, as `vendctl service code` writes it.
    public var codeFile: String
    /// How long it waits for the next key before it ends by itself.
    public var timeout: Duration

    /// Describes service mode.
    public init(codeFile: String, timeout: Duration) {
      (self.codeFile, self.timeout) = (codeFile, timeout)
    }
  }

  /// The screen's language.
  public enum Language: String, Hashable, Sendable, CaseIterable {
    case chinese = "zh-Hans"
    case english = "en"
  }

  /// One lane.
  public struct Lane: Equatable, Sendable {
    /// One to three keys, such as `12` or `A1`.
    public var code: String
    /// The relay channel of the board file.
    public var channel: String
    public var name: String
    public var price: Amount
    /// How long the relay is on.
    public var pulse: Duration
    /// Pieces when full; nil when stock is not counted.
    public var capacity: Int?

    /// Describes a lane.
    public init(
      code: String, channel: String, name: String, price: Amount, pulse: Duration, capacity: Int?
    ) {
      (self.code, self.channel, self.name, self.price) = (code, channel, name, price)
      (self.pulse, self.capacity) = (pulse, capacity)
    }
  }

  /// How the machine behaves.
  public struct Policy: Equatable, Sendable {
    /// Back to idle when a selection stands still for so long.
    public var selectionTimeout: Duration
    /// How long the QR code is shown.
    public var paymentTimeout: Duration
    /// How long after the pulse a drop may still be sensed.
    public var dropTimeout: Duration
    /// How long thanks and sorry stay on the screen.
    public var messageTime: Duration
    /// What becomes of an order when a crash leaves it open whether the product fell.
    public var unsure: Unsure
    /// Automatic refunds of unsure orders in one day; beyond it they are held for a person.
    public var unsureRefundsPerDay: Int
    /// Failures in a row that close a lane.
    public var laneFailureLimit: Int
    /// Failures in a row, of whatever lanes, that stop the machine.
    public var machineFailureLimit: Int
    /// The key that cancels and the key that corrects, as legends of the keypad.
    public var cancelKey: String
    public var confirmKey: String

    /// What becomes of an unsure order.
    public enum Unsure: String, Hashable, Sendable, CaseIterable {
      case refund
      case hold
      case assumeDelivered = "assume-delivered"
    }

    /// Describes the behaviour.
    public init(
      selectionTimeout: Duration, paymentTimeout: Duration, dropTimeout: Duration,
      messageTime: Duration, unsure: Unsure, unsureRefundsPerDay: Int, laneFailureLimit: Int,
      machineFailureLimit: Int, cancelKey: String, confirmKey: String
    ) {
      (self.selectionTimeout, self.paymentTimeout) = (selectionTimeout, paymentTimeout)
      (self.dropTimeout, self.messageTime) = (dropTimeout, messageTime)
      (self.unsure, self.unsureRefundsPerDay) = (unsure, unsureRefundsPerDay)
      (self.laneFailureLimit, self.machineFailureLimit) = (laneFailureLimit, machineFailureLimit)
      (self.cancelKey, self.confirmKey) = (cancelKey, confirmKey)
    }

    /// What holds where nobody says anything.
    public static let usual = Policy(
      selectionTimeout: .seconds(15), paymentTimeout: .seconds(90), dropTimeout: .seconds(5),
      messageTime: .seconds(5), unsure: .refund, unsureRefundsPerDay: 3, laneFailureLimit: 2,
      machineFailureLimit: 5, cancelKey: "*", confirmKey: "#")
  }

  /// Describes a machine.
  public init(
    name: String, boardFile: String, board: BoardConfiguration, language: Language, lanes: [Lane],
    policy: Policy, core: Core, stateDirectory: String, controlSocket: String, font: String,
    usesDropSensor: Bool, service: Service? = nil, telemetry: Telemetry? = nil
  ) {
    (self.name, self.boardFile, self.board) = (name, boardFile, board)
    (self.language, self.lanes, self.policy, self.core) = (language, lanes, policy, core)
    (self.stateDirectory, self.controlSocket, self.font) = (stateDirectory, controlSocket, font)
    (self.usesDropSensor, self.service) = (usesDropSensor, service)
    self.telemetry = telemetry
  }
}
