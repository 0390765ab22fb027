public import Money

/// What a person has done to stock, prices and lanes, or at the keypad with the door open.
///
/// Each is in the journal, with who and when, before it has an effect.
public enum Deed: Hashable, Sendable, Codable {
  /// The lanes hold so much now: one lane, or several in one action.
  case stocked([Fill])
  /// A lane's price; `listed` is the machine file's at that time.
  case priced(lane: String, from: Amount, to: Amount, listed: Amount)
  /// The level that a refill fills a lane to; nil: its capacity.
  case parSet(lane: String, pieces: Int?)
  /// A lane was put out of use by hand, or back into use.
  case switched(lane: String, isOn: Bool)
  /// A service code is about to be compared: counted before it is, so that a power cut wins nobody
  /// another try.
  case codeTried
  /// The service code was right; the tries before it are forgotten.
  case serviceEntered
  /// The payment core has set the prices of all lanes.
  case listed(PriceList)
  /// A whole vend without money: the relay is switched on next.
  case serviceVend(lane: String)
  /// Nothing fell in it, or its relay did not move.
  case serviceVendMissed(lane: String)

  private typealias StockedCodingKeys = CaseKeys.Value
  private typealias ParSetCodingKeys = CaseKeys.LanePieces
  private typealias CodeTriedCodingKeys = CaseKeys.Nothing
  private typealias ServiceEnteredCodingKeys = CaseKeys.Nothing
  private typealias ListedCodingKeys = CaseKeys.Value
  private typealias ServiceVendCodingKeys = CaseKeys.Lane
  private typealias ServiceVendMissedCodingKeys = CaseKeys.Lane

  /// What a lane holds after a refill.
  public struct Fill: Hashable, Sendable, Codable {
    public var lane: String
    public var pieces: Int

    /// So many pieces in that lane.
    public init(lane: String, pieces: Int) { (self.lane, self.pieces) = (lane, pieces) }
  }

  /// The word for it in the journal's table.
  public var kind: String {
    switch self {
    case .stocked: "stocked"
    case .priced: "priced"
    case .parSet: "par-set"
    case .switched: "lane-switched"
    case .codeTried: "code-tried"
    case .serviceEntered: "service-entered"
    case .listed: "prices-listed"
    case .serviceVend: "service-vend"
    case .serviceVendMissed: "service-vend-missed"
    }
  }
}

/// Who did it, and from where.
public enum Author: Hashable, Sendable, Codable, CustomStringConvertible {
  /// A technician at the machine's own keypad.
  case keypad
  /// Somebody through the control socket; the kernel vouches for the user's number.
  case control(user: UInt32)
  /// The payment core, for the operator.
  case core
  /// The machine file, which somebody has edited.
  case machineFile

  private typealias KeypadCodingKeys = CaseKeys.Nothing
  private typealias CoreCodingKeys = CaseKeys.Nothing
  private typealias MachineFileCodingKeys = CaseKeys.Nothing

  public var description: String {
    switch self {
    case .keypad: "keypad"
    case .control(let user): "vendctl, user \(user)"
    case .core: "core"
    case .machineFile: "machine file"
    }
  }
}

/// What somebody wants done to stock, prices or lanes, before it is known whether it can be.
public enum Wish: Equatable, Sendable, Codable {
  /// A lane holds so much now; nil: it was filled to its par level.
  case fill(lane: String, pieces: Int?)
  /// Every counted lane was filled to its par level.
  case fillAll
  case price(lane: String, Amount)
  /// The level that a refill fills a lane to; nil: its capacity.
  case par(lane: String, pieces: Int?)
  /// Take a lane out of use, or back into use.
  case lane(String, isOn: Bool)

  private typealias FillCodingKeys = CaseKeys.LanePieces
  private typealias ParCodingKeys = CaseKeys.LanePieces
  private typealias FillAllCodingKeys = CaseKeys.Nothing
}

/// Why a wish is not granted.
public struct Objection: Error, Equatable, Sendable {
  public var words: Bilingual

  init(_ english: String, _ chinese: String) { words = Bilingual(english, chinese) }
}
