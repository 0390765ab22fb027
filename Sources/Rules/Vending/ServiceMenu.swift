public import Money

/// The technician's menu at the machine's own keypad: which page is open.
///
/// ```
///  code ──► checking ──► menu ──► faults, network, counters ──► menu
///    ▲          │         │ ├──► lane ──► pieces ──► note ──► menu
///    └── wrong ◄┘         │ ├──► lane ──► price ──► confirm ──► note
///                         │ └──► lane ──► confirm ──► testing ──► note
///                         └──► (left)
/// ```
/// Digits choose or are typed, one key goes back a step, one enters. It decides nothing: what a key
/// wants comes out as an act, and `Machine` says whether it can be.
public enum ServiceMenu: Hashable, Sendable {
  /// The code is being typed. In: a key with the door open. Out: enter, back.
  case code(typed: String)
  /// It is being compared. Out: the answer.
  case checking(attempt: Int)
  /// It was wrong; so many tries are left.
  case wrong(left: Int)
  /// Too many were wrong: nothing is taken for so many minutes.
  case barred(minutes: Int)
  case menu
  /// One fault that stands, from zero.
  case faults(Int)
  /// A lane's code is being typed.
  case lane(Purpose, typed: String)
  /// The pieces that a lane holds now.
  case pieces(lane: String, typed: String)
  /// A price in fen, as digits.
  case price(lane: String, typed: String)
  case confirm(Question)
  /// The relay of the lane is about to move, or moves. Out: its end.
  case testing(lane: String)
  case network
  case counters
  /// What became of an act. Out: any key.
  case note(Bilingual)

  /// What a lane is asked for.
  public enum Purpose: Hashable, Sendable {
    case test, wholeVend, refill, price, onOff
  }

  /// What is done only after a second key.
  public enum Question: Hashable, Sendable {
    case fillAll
    case price(lane: String, Amount)
    case trial(lane: String, isWhole: Bool)
    case onOff(lane: String, isOn: Bool)
    case clearFaults
  }

  /// A key of the keypad, by what it means here.
  public enum Key: Hashable, Sendable {
    /// One of the legends that codes are made of.
    case character(Character)
    case back
    case enter
  }

  /// What a key wants done.
  enum Act: Equatable {
    case nothing
    case leave
    case tryCode(String)
    case wish(Wish)
    case trial(lane: String, isWhole: Bool)
    case clearFaults
    case probe
  }

  /// How much of the machine the menu sees.
  struct View {
    var lanes: [Lane]
    var faults: [Fault]
    var counters: Ledger.Counters
    /// What the core must still be told.
    var unsettled: Int
    var coreFault: Fault?

    struct Lane {
      var code: String
      var name: String
      var price: Amount
      var stock: Int?
      var par: Int?
      var isOff: Bool
    }

    func lane(_ code: String) -> Lane? { lanes.first { $0.code == code } }
  }

  static let codeLengths = 4...12

  /// Takes a key, and says what it wants done.
  mutating func press(_ key: Key, _ view: View) -> Act {
    switch self {
    case .code(let typed): return codeKey(key, typed)
    case .wrong:
      self = .code(typed: "")
      return codeKey(key, "")
    case .checking, .testing: return .nothing
    case .barred: return .leave
    case .menu: return menuKey(key)
    case .faults(let index):
      self = key == .enter && index + 1 < view.faults.count ? .faults(index + 1) : .menu
      return .nothing
    case .lane(let purpose, let typed): return laneKey(key, purpose, typed, view)
    case .pieces(let lane, let typed): return piecesKey(key, lane, typed)
    case .price(let lane, let typed): return priceKey(key, lane, typed)
    case .confirm(let question):
      self = .menu
      return key == .enter ? Self.act(for: question) : .nothing
    case .network where key == .enter: return .probe
    case .network, .counters, .note:
      self = .menu
      return .nothing
    }
  }

  private mutating func codeKey(_ key: Key, _ typed: String) -> Act {
    switch key {
    case .character(let character):
      if typed.count < Self.codeLengths.upperBound { self = .code(typed: typed + [character]) }
      return .nothing
    case .back:
      if typed.isEmpty { return .leave }
      self = .code(typed: String(typed.dropLast()))
      return .nothing
    case .enter:
      guard Self.codeLengths.contains(typed.count) else { return .nothing }
      return .tryCode(typed)
    }
  }

  private mutating func menuKey(_ key: Key) -> Act {
    switch key {
    case .back: return .leave
    case .character("1"): self = .faults(0)
    case .character("2"): self = .lane(.test, typed: "")
    case .character("3"): self = .lane(.wholeVend, typed: "")
    case .character("4"): self = .lane(.refill, typed: "")
    case .character("5"): self = .lane(.price, typed: "")
    case .character("6"): self = .lane(.onOff, typed: "")
    case .character("7"): self = .network
    case .character("8"): self = .counters
    case .character("9"): self = .confirm(.clearFaults)
    case .character, .enter: break
    }
    return .nothing
  }

  private mutating func laneKey(
    _ key: Key, _ purpose: Purpose, _ typed: String, _ view: View
  ) -> Act {
    switch key {
    case .character(let character):
      if typed.count < Machine.codeLengthLimit { self = .lane(purpose, typed: typed + [character]) }
    case .back: self = typed.isEmpty ? .menu : .lane(purpose, typed: String(typed.dropLast()))
    case .enter where typed.isEmpty:
      if purpose == .refill { self = .confirm(.fillAll) }
    case .enter:
      guard let lane = view.lane(typed) else {
        self = .note(Bilingual("no lane \(typed)", "没有货道 \(typed)"))
        break
      }
      self = Self.page(for: purpose, lane)
    }
    return .nothing
  }

  private static func page(for purpose: Purpose, _ lane: View.Lane) -> ServiceMenu {
    switch purpose {
    case .test: .confirm(.trial(lane: lane.code, isWhole: false))
    case .wholeVend: .confirm(.trial(lane: lane.code, isWhole: true))
    case .refill: .pieces(lane: lane.code, typed: "")
    case .price: .price(lane: lane.code, typed: "")
    case .onOff: .confirm(.onOff(lane: lane.code, isOn: lane.isOff))
    }
  }

  private mutating func piecesKey(_ key: Key, _ lane: String, _ typed: String) -> Act {
    switch key {
    case .character(let digit):
      if digit.isNumber, typed.count < 3 { self = .pieces(lane: lane, typed: typed + [digit]) }
    case .back:
      self = typed.isEmpty ? .menu : .pieces(lane: lane, typed: String(typed.dropLast()))
    case .enter: return .wish(.fill(lane: lane, pieces: Int(typed)))
    }
    return .nothing
  }

  private mutating func priceKey(_ key: Key, _ lane: String, _ typed: String) -> Act {
    switch key {
    case .character(let digit):
      if digit.isNumber, typed.count < 6 { self = .price(lane: lane, typed: typed + [digit]) }
    case .back:
      self = typed.isEmpty ? .menu : .price(lane: lane, typed: String(typed.dropLast()))
    case .enter:
      guard let fen = Int64(typed) else { break }
      self = .confirm(.price(lane: lane, Amount(fen: fen)))
    }
    return .nothing
  }

  private static func act(for question: Question) -> Act {
    switch question {
    case .fillAll: .wish(.fillAll)
    case .price(let lane, let amount): .wish(.price(lane: lane, amount))
    case .trial(let lane, let isWhole): .trial(lane: lane, isWhole: isWhole)
    case .onOff(let lane, let isOn): .wish(.lane(lane, isOn: isOn))
    case .clearFaults: .clearFaults
    }
  }
}

extension ServiceMenu.Key {
  /// The key of a legend; nil for one that means nothing here.
  init?(_ legend: String, _ policy: Plan.Policy) {
    switch legend {
    case policy.cancelKey: self = .back
    case policy.confirmKey: self = .enter
    default:
      guard let character = legend.first, legend.count == 1 else { return nil }
      self = .character(character)
    }
  }
}
