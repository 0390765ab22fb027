public import Timing

/// What faults there have been, each once, with how often and for how long.
///
/// It is fed with what stands and kept beside the ledger, not in it: it decides nothing, so a
/// machine and its restarted self are equal whatever flapped meanwhile.
public struct FaultHistory: Equatable, Sendable, Codable {
  /// A fault, standing or gone.
  public struct Line: Equatable, Sendable, Codable {
    public var code: Fault.Code
    public var subject: String
    /// What was seen last, for the log.
    public var detail: String
    public var state: State
    /// How often it came; a repeat while it stood, or after a restart, is not another one.
    public var count: Int64
    /// When it came for the first time and for the last.
    public var first: WallTime
    public var last: WallTime
    /// When it went last; nil while it stands, or when a restart ended it.
    public var cleared: WallTime?
    /// How long it has stood altogether, without the present spell.
    public var totalMilliseconds: Int64
    /// What it was a consequence of when it came; nil for a cause.
    public var cause: Fault.Code?

    /// What it is about.
    public var fault: Fault { Fault(code, subject, detail) }
  }

  /// Where a fault is.
  public enum State: String, Hashable, Sendable, Codable, CaseIterable {
    case standing
    case cleared
    /// It stood when the daemon ended, and has not come back since.
    case interrupted
  }

  /// The most lines: faults of single orders have as many subjects as there are orders.
  public static let linesMax = 128
  /// The most characters of a detail.
  private static let detailMax = 200

  /// In the order of their first coming.
  public private(set) var lines: [Line] = []
  /// Since when each standing line has stood in this run, by the clock that does not step.
  private var since: [Key: Instant] = [:]
  private var runBegan: Instant?

  private struct Key: Hashable {
    var code: Fault.Code
    var subject: String
  }

  private enum CodingKeys: CodingKey { case lines }

  /// No faults yet.
  public init() {}

  /// Read as it was when it was written.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    lines = Array(try container.decode([Line].self, forKey: .lines).suffix(Self.linesMax))
  }

  public static func == (left: Self, right: Self) -> Bool { left.lines == right.lines }

  /// The name under which the journal keeps it.
  public static let storageKey = "faults"
  /// The word for its records in the journal's table.
  public static let recordKind = "fault"

  /// What comes back so soon after a restart has never gone.
  private static let comeback = Duration.seconds(120)

  /// Takes it up in a new run: what stood then does not stand now until it is seen again.
  public mutating func beginRun(at now: Instant) {
    (since, runBegan) = ([:], now)
    for index in lines.indices where lines[index].state == .standing {
      lines[index].state = .interrupted
    }
  }

  /// The faults that a new run has to raise by itself.
  public var survivors: [Fault] {
    lines.filter { $0.state == .interrupted && $0.code.survivesRestart }.map(\.fault)
  }

  /// Takes in what stands now.
  public mutating func note(_ faults: FaultLedger, at now: Instant, _ wall: WallTime) {
    let standing = faults.standing.map { Key(code: $0.fault.code, subject: $0.fault.subject) }
    for index in lines.indices where lines[index].state == .standing {
      let key = Key(code: lines[index].code, subject: lines[index].subject)
      if !standing.contains(key) { end(index, key, now, wall) }
    }
    for (key, entry) in zip(standing, faults.standing) {
      begin(key, entry, faults.cause(of: entry.fault)?.code, wall)
    }
  }

  private mutating func begin(
    _ key: Key, _ entry: FaultLedger.Entry, _ cause: Fault.Code?, _ wall: WallTime
  ) {
    let detail = String(entry.fault.detail.prefix(Self.detailMax))
    guard let index = lines.firstIndex(where: { $0.code == key.code && $0.subject == key.subject })
    else {
      makeRoom()
      since[key] = entry.since
      lines.append(
        Line(
          code: key.code, subject: key.subject, detail: detail, state: .standing, count: 1,
          first: wall, last: wall, cleared: nil, totalMilliseconds: 0, cause: cause))
      return
    }
    if !detail.isEmpty { lines[index].detail = detail }
    guard lines[index].state != .standing else { return }
    let hasComeBack = runBegan.map { entry.since - $0 < Self.comeback } ?? false
    if lines[index].state == .cleared || !hasComeBack {
      lines[index].count += 1
      lines[index].last = wall
    }
    (lines[index].state, lines[index].cleared) = (.standing, nil)
    lines[index].cause = cause
    since[key] = entry.since
  }

  private mutating func end(_ index: Int, _ key: Key, _ now: Instant, _ wall: WallTime) {
    if let began = since.removeValue(forKey: key) {
      lines[index].totalMilliseconds += max(0, (now - began).wholeMilliseconds)
    }
    (lines[index].state, lines[index].cleared) = (.cleared, wall)
  }

  /// Forgets the line that has been gone for longest.
  private mutating func makeRoom() {
    guard lines.count >= Self.linesMax else { return }
    let gone = lines.indices.filter { lines[$0].state != .standing }
    let oldest = (gone.isEmpty ? Array(lines.indices) : gone).min {
      lines[$0].last < lines[$1].last
    }
    if let oldest { lines.remove(at: oldest) }
  }

  /// How long a line has stood altogether, the present spell included.
  public func total(of line: Line, at now: Instant) -> Duration {
    let spell = since[Key(code: line.code, subject: line.subject)].map { now - $0 } ?? .zero
    return .milliseconds(line.totalMilliseconds) + max(.zero, spell)
  }

  /// As it is written down: with the present spells counted up to now.
  public func asOf(_ now: Instant) -> FaultHistory {
    var copy = self
    for index in copy.lines.indices {
      copy.lines[index].totalMilliseconds = total(of: lines[index], at: now).wholeMilliseconds
    }
    return copy
  }

  // MARK: When it is written down

  /// The lines that came or went since `saved` was written.
  public func changes(since saved: FaultHistory) -> [Line] {
    lines.filter { line in
      let known = saved.lines.first { $0.code == line.code && $0.subject == line.subject }
      return known?.state != line.state || known?.count != line.count
    }
  }
}

/// How often the history of faults may be written: ten times at once, then once in 15 minutes.
///
/// A door that bangs or a network that flaps must not wear a memory card out.
public struct FaultSavingBudget: Equatable, Sendable {
  private static let burst = 10
  private static let interval = Duration.seconds(900)
  /// Changes that come together are written together.
  private static let pause = Duration.seconds(1)
  private var spent = 0
  private var refilledAt: Instant

  /// A full budget.
  public init(at now: Instant) { refilledAt = now }

  /// How long to wait with the next write.
  public func delay(at now: Instant) -> Duration {
    let refilled = (now - refilledAt).wholeMilliseconds / Self.interval.wholeMilliseconds
    if Int64(spent) - refilled < Int64(Self.burst) { return Self.pause }
    let missing = Int64(spent) - Int64(Self.burst) + 1
    return max(
      Self.pause, refilledAt + .milliseconds(Self.interval.wholeMilliseconds * missing) - now)
  }

  /// Notes a write.
  public mutating func spend(at now: Instant) {
    let refilled = (now - refilledAt).wholeMilliseconds / Self.interval.wholeMilliseconds
    if refilled > 0 {
      spent = max(0, spent - Int(clamping: refilled))
      refilledAt =
        spent == 0 ? now : refilledAt + .milliseconds(Self.interval.wholeMilliseconds * refilled)
    }
    spent += 1
  }
}
