public import Timing

/// The tokens of a board and what is to be done about them: a value without disk and network.
///
/// ```
///   nothing ──make──► next ──enrolled──► current ──make──► current, next ──used──► current
///                      │ refused                            │ refused
///                      └──► nothing                         └──► current
/// ```
///
/// Each token lies in a file of its own, and every arrow is one write, durable before what follows
/// it: `next` is written before anybody hears of it, and becomes `current` by one rename. So power
/// may fail between any two steps; with both, either may be the one that the service knows, and
/// both are tried.
public struct TokenRing: Equatable, Sendable {
  /// A token with the moment when it was made; nil for one that a person has put there, which is
  /// his to change.
  public struct Dated: Equatable, Sendable {
    public var token: CoreToken
    public var madeAt: WallTime?

    /// A token, and when it was made.
    public init(_ token: CoreToken, madeAt: WallTime?) {
      (self.token, self.madeAt) = (token, madeAt)
    }
  }

  /// The token that the service knew last.
  public private(set) var current: Dated?
  /// The token that it is to know, or knows already.
  public private(set) var next: Dated?
  /// Whether the service may have heard of `next`: not since it refused it.
  public private(set) var nextMayHold: Bool
  /// Whether the last call that could tell was refused with every token.
  public private(set) var isRefused = false

  /// A token is changed after so many days.
  static let lifetime: Duration = .seconds(30 * 86_400)
  /// Boards that were taken in on one day do not change it on one day.
  static let spread: Int64 = 5 * 86_400

  /// The tokens that were found at start.
  public init(current: Dated?, next: Dated?) {
    (self.current, self.next) = (current, next)
    nextMayHold = next != nil
  }

  /// What is to be done next.
  public enum Step: Equatable, Sendable {
    /// Write a first token to `next`.
    case begin
    /// Ask to be taken in with this one.
    case enrol(CoreToken)
    /// Tell the service of this one.
    case rotate(to: CoreToken)
    /// Write a new token to `next`: the present one is old.
    case renew
    /// Nothing: there is a token that serves.
    case serve
  }

  /// What is to be done at that time.
  public func step(at time: WallTime) -> Step {
    guard let current else { return next.map { .enrol($0.token) } ?? .begin }
    if let next { return nextMayHold ? .serve : .rotate(to: next.token) }
    guard let madeAt = current.madeAt else { return .serve }
    let share = current.token.digest.utf8.reduce(Int64(0)) { ($0 * 31 + Int64($1)) % Self.spread }
    return time - madeAt > Self.lifetime + .seconds(share) ? .renew : .serve
  }

  /// The tokens to try, the likeliest first; none before the board is taken in.
  public var candidates: [CoreToken] {
    guard let current else { return [] }
    guard let next else { return [current.token] }
    return nextMayHold ? [next.token, current.token] : [current.token, next.token]
  }

  // MARK: What happened

  /// A token lies in the file of the next one.
  public mutating func wrote(_ token: Dated) {
    next = token
    // Nobody has heard of it.
    nextMayHold = false
  }

  /// The service has taken the board in, or says that it had.
  public mutating func enrolled() { promote() }

  /// The rotation was told, or may have been.
  public mutating func toldNext() { nextMayHold = next != nil }

  /// The service does not want the next token; its file is gone.
  public mutating func droppedNext() { (next, nextMayHold) = (nil, false) }

  /// A call was answered that carried this token; true when the next token has become the current
  /// one, whose file is now to take the other's place.
  public mutating func accepted(_ token: CoreToken) -> Bool {
    isRefused = false
    if token == next?.token, current != nil {
      promote()
      return true
    }
    // Whoever answers to the one before has not seen the next one in use.
    if token == current?.token { nextMayHold = false }
    return false
  }

  /// Every token that there is was refused.
  public mutating func refusedAll() { isRefused = current != nil }

  private mutating func promote() {
    guard let next else { return }
    current = next
    self.next = nil
    (nextMayHold, isRefused) = (false, false)
  }
}
