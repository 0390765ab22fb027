/// A screen in words, for panels that draw by themselves: which page, what stands in its fields,
/// and the code.
///
/// A field that a page has no use for is empty.
public struct PanelPage: Equatable, Sendable {
  /// The pages that a panel's project must have.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// Nothing at all.
    case blank
    /// A headline and what goes with it.
    case message
    /// What was keyed so far, and the product.
    case selection
    /// The code that asks for money.
    case payment
  }

  public var kind: Kind
  /// The headline; on a selection what was keyed so far.
  public var title: String
  /// The line below it, or what to do; lines of a service screen are parted by `\n`.
  public var detail: String
  /// The product's name.
  public var product: String
  /// The price, as people write it.
  public var price: String
  /// The time left to pay, as `1:29`.
  public var timeLeft: String
  /// The order's last characters, or the fault's code.
  public var foot: String
  /// The code; only a payment has one.
  public var code: CodeSymbol?

  /// Makes a page; fields that are not named stay empty.
  public init(
    _ kind: Kind, title: String = "", detail: String = "", product: String = "",
    price: String = "", timeLeft: String = "", foot: String = "", code: CodeSymbol? = nil
  ) {
    (self.kind, self.title, self.detail) = (kind, title, detail)
    (self.product, self.price, self.timeLeft) = (product, price, timeLeft)
    (self.foot, self.code) = (foot, code)
  }

  /// The page with nothing on it.
  public static let blank = PanelPage(.blank)
}
