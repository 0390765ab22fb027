public import Timing

/// The faults that stand, each once, with how often it was raised and since when.
public struct FaultLedger: Hashable, Sendable {
  /// A fault that stands.
  public struct Entry: Hashable, Sendable {
    public var fault: Fault
    public var since: Instant
    /// How often it was raised while it stood.
    public var count: Int
    /// Whether somebody has been at the machine since: of faults that ask for a visit only.
    public var isVisited = false
  }

  /// In the order of the catalogue, then by subject.
  public private(set) var standing: [Entry] = []

  /// No faults.
  public init() {}

  /// Raises a fault; false when it stood already.
  @discardableResult
  public mutating func raise(_ fault: Fault, at now: Instant) -> Bool {
    if let index = index(of: fault.code, fault.subject) {
      standing[index].count += 1
      standing[index].fault.detail = fault.detail
      return false
    }
    if fault.code == .doorOpen { noteVisit() }
    var entry = Entry(fault: fault, since: now, count: 1)
    entry.isVisited = fault.code.clearing == .byVisit && stands(.doorOpen)
    standing.append(entry)
    standing.sort { Self.rank($0.fault) < Self.rank($1.fault) }
    return true
  }

  /// Clears a fault; false when it did not stand.
  @discardableResult
  public mutating func clear(_ code: Fault.Code, _ subject: String = "") -> Bool {
    guard let index = index(of: code, subject) else { return false }
    standing.remove(at: index)
    return true
  }

  /// Whether the fault stands.
  public func stands(_ code: Fault.Code, _ subject: String = "") -> Bool {
    index(of: code, subject) != nil
  }

  /// The fault to name when no order may be opened; nil when the machine may sell.
  public var stopper: Fault? {
    standing.first { $0.fault.severity == .stopsSelling }?.fault
  }

  private mutating func noteVisit() {
    for index in standing.indices where standing[index].fault.code.clearing == .byVisit {
      standing[index].isVisited = true
    }
  }

  private func index(of code: Fault.Code, _ subject: String) -> Int? {
    // Nearly always nothing stands.
    if standing.isEmpty { return nil }
    return standing.firstIndex { $0.fault.code == code && $0.fault.subject == subject }
  }

  private static func rank(_ fault: Fault) -> (Int, String) {
    (Fault.Code.allCases.prefix { $0 != fault.code }.count, fault.subject)
  }
}
