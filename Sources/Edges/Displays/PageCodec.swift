public import Pixels

/// The language of a family of panels that draw by themselves: pure functions to bytes and from
/// bytes.
///
/// Which messages show a page hangs on what the panel is known to hold (`PageMemory`), so that only
/// what changed is sent.
public protocol PageCodec: Sendable {
  /// What such a panel of that size can do on a line of that speed.
  func capabilities(width: Int, height: Int, baud: Int) -> DisplayCapabilities
  /// Makes a panel that may be in the middle of anything listen, and asks who it is.
  func greeting(baud: Int) -> [Write]
  /// What a panel must be told once before its first page.
  func setUp(brightnessPercent: Int) -> [Write]
  /// Sets the backlight, 0 to 100 per cent.
  func brightness(percent: Int) -> [Write]
  /// Whether a panel may have been set up to do without acknowledging; then its silence to the
  /// first message of `setUp` says so.
  var mayLeaveOutAcknowledgements: Bool { get }
  /// Shows a page on a panel of which that much is known.
  ///
  /// `drawsCode` is false once the panel has shown that it cannot be trusted to draw the code.
  /// Throws `DisplayError.codeTooSmall` before anything is sent.
  func plan(
    _ page: PanelPage, after memory: PageMemory, drawsCode: Bool
  ) throws(DisplayError) -> PagePlan
  /// Asks a panel that should show what the memory says whether it does.
  func signOfLife(_ memory: PageMemory) -> [Write]
  /// Takes the next thing that the panel has said off what was received; nil while it is not whole.
  func reply(in received: inout [UInt8]) -> PanelReply?
}

/// What a panel that draws by itself says.
public enum PanelReply: Equatable, Sendable {
  /// Who it is, in its own words.
  case name(String)
  /// It did what it was told.
  case done
  /// It did not, and why.
  case refused(String)
  /// What was asked for, and of what it is.
  case value([UInt8], of: Int)
  /// It began anew, or lost something: nobody knows what it shows.
  case lost(String)
  /// A touch, a noise: nothing of ours.
  case aside
}

/// What a panel is known to hold.
public struct PageMemory: Equatable, Sendable {
  /// The page that it shows, as the codec names it; nil when unknown.
  public var page: String?
  /// What stands in its fields, as it was sent.
  public var texts: [String: [UInt8]] = [:]
  /// What the code says that the panel draws by itself, as it was read back; shown or not.
  public var code: [UInt8]?
  /// What the code says that was filled into the page that is shown.
  public var filled: [UInt8]?

  /// Nothing is known.
  public init() {}
}

/// How a page comes onto a panel.
public struct PagePlan: Equatable, Sendable {
  /// For a panel that draws the code by itself: its text, and the question what it is now.
  ///
  /// The page is not shown before the answer is the same, byte for byte.
  public var code: [Write] = []
  /// All else.
  public var rest: [Write] = []
  /// What the panel holds afterwards.
  public var memory: PageMemory

  /// Begins with what is known.
  public init(after memory: PageMemory) { self.memory = memory }
}
