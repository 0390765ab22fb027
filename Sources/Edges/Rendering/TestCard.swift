/// What a technician has a panel show, to see with his own eyes what is wrong with it.
public enum TestCard: String, Hashable, Sendable, CaseIterable {
  /// A QR code as large as the payment page's, with its size and a line to hold a ruler against.
  case code
  case bars
  case bytes
  case border
  case greys
  case brightness
  case red, green, blue, white, black

  /// What the code reads: as long as a payment address, and none.
  public static let payload = "vend-display-test-0123456789-abcdefghi"

  /// What to look for.
  public var advice: String {
    switch self {
    case .code: "scan it; it reads \(Self.payload)"
    case .bars:
      "white, yellow, cyan, green, magenta, red, blue, black; the ramps below have no jumps"
    case .bytes: "each field has the colour that is written on it"
    case .border: "a thin white line on all four edges; red top left, green top right"
    case .greys: "sixteen greys, each another"
    case .brightness: "the backlight goes down in five steps"
    case .red, .green, .blue, .white, .black:
      "one colour from edge to edge: points of another are dead pixels"
    }
  }

  /// The steps of the backlight that belong to the card, in per cent; mostly none.
  public var brightnessSteps: [Int] { self == .brightness ? [100, 75, 50, 25, 10] : [] }

  /// A card on the panel for a while.
  public struct Step: Equatable, Sendable {
    public let card: TestCard
    /// The backlight meanwhile; nil for what the machine has anyway.
    public let brightnessPercent: Int?
    public let duration: Duration
  }

  /// What is shown for a name: one card, `all` of them one after the other, or, without a name, the
  /// code; nil when there is no such card.
  public static func steps(named name: String?, for duration: Duration) -> [Step]? {
    let cards: [TestCard]
    switch name {
    case nil: cards = [.code]
    case "all"?: cards = allCases
    case let name?:
      guard let card = TestCard(rawValue: name) else { return nil }
      cards = [card]
    }
    return cards.flatMap { card -> [Step] in
      let levels = card.brightnessSteps
      guard !levels.isEmpty else {
        return [Step(card: card, brightnessPercent: nil, duration: duration)]
      }
      return levels.map {
        Step(card: card, brightnessPercent: $0, duration: duration / levels.count)
      }
    }
  }

  /// All names, for a person.
  public static var names: String { allCases.map(\.rawValue).joined(separator: " ") + " all" }
}
