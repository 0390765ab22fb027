public import Platform
internal import Timing

/// A matrix of keys: rows are driven, columns are read.
///
/// Idle, all rows are active and the columns wait for an edge: nothing runs. After an edge the rows
/// are scanned one at a time until every key has been up for the debounce time. A contact that a
/// scan finds is proved at once, by reading its row again; the rest is scanned at leisure. While a
/// key is stuck its column can tell no edge, so the matrix is scanned slowly until it is freed.
public final class MatrixKeypad {
  /// A keypad as the board file describes it.
  public struct Settings: Sendable {
    public var rows: [LineSettings]
    public var columns: [LineSettings]
    /// The legend of each key, row by row; empty where there is no key.
    public var legends: [[String]]
    /// How long a key must be up to be released.
    public var debounce: Duration
    /// A key held longer than this is stuck.
    public var stuckAfter: Duration

    /// Describes a keypad.
    public init(
      rows: [LineSettings], columns: [LineSettings], legends: [[String]], debounce: Duration,
      stuckAfter: Duration
    ) {
      (self.rows, self.columns, self.legends) = (rows, columns, legends)
      (self.debounce, self.stuckAfter) = (debounce, stuckAfter)
    }
  }

  /// From a row's drive to the columns' reading: a weak pull-up of 50 kilohm charges a metre of
  /// cable (100 pF) in 5 us; that of a long cable has time too.
  private static let settlingTime = Duration.microseconds(40)
  /// Between two scans: until a press is proved, while somebody presses, and while a key is stuck.
  private static let shortPause = Duration.microseconds(100)
  private static let pause = Duration.milliseconds(4)
  private static let slowPause = Duration.milliseconds(50)
  /// libgpiod 1 keeps 16 edges a line and drops the newest; so many tell no last one.
  private static let edgesThatMayBeCut = 16

  private let loop: EventLoop
  private let handler: (KeypadEvent) -> Void
  private let rows: [any OutputLine]
  private let columns: [any InputLine]
  private var scan: KeypadScan
  private var contacts = KeypadContacts()
  private var lastEdge: Instant?
  private var timer: EventLoop.TimerToken?
  private var isWatching = false

  /// Takes the lines, looks once which keys are down, and calls `handler` on the loop from now on.
  ///
  /// Rows are driven one way only (open drain or open source, by their polarity): two keys pressed
  /// in one column would otherwise connect two outputs that push against each other.
  public init(
    loop: EventLoop, bank: any GPIOBank, settings: Settings,
    handler: @escaping (KeypadEvent) -> Void
  ) throws(GPIOError) {
    precondition(settings.legends.count == settings.rows.count, "a row of legends for each row")
    precondition(
      settings.legends.allSatisfy { $0.count == settings.columns.count },
      "a legend for each crossing")
    (self.loop, self.handler) = (loop, handler)
    scan = KeypadScan(
      legends: settings.legends, debounce: settings.debounce, stuckAfter: settings.stuckAfter)
    var rows: [any OutputLine] = []
    for var row in settings.rows {
      row.drive = row.isActiveLow ? .openDrain : .openSource
      rows.append(try bank.output(row, initially: false))
    }
    var columns: [any InputLine] = []
    for column in settings.columns { columns.append(try bank.input(column)) }
    (self.rows, self.columns) = (rows, columns)
    later(.zero) { $0.beginScan() }
  }

  deinit { rest() }

  /// The legends of the keys that are stuck now.
  public var stuckKeys: [String] { scan.stuckKeys }

  /// Whether all keys are up and nothing runs until one tells an edge.
  public var isIdle: Bool { isWatching }

  private func beginScan() {
    attempt { () throws(GPIOError) in
      unwatch()
      contacts = KeypadContacts()
      for row in rows { try row.set(false) }
      for row in rows.indices { try read(row) }
      finishScan()
    }
  }

  /// Reads a row: it alone is active, for no longer than that takes.
  private func read(_ row: Int) throws(GPIOError) {
    try rows[row].set(true)
    settle()
    for (index, column) in columns.enumerated() {
      contacts[row, index] = try column.get()
    }
    try rows[row].set(false)
  }

  /// Waits until the columns follow the rows; not worth a sleep, which takes twice as long.
  private func settle() {
    let end = Clock.now() + Self.settlingTime
    while Clock.now() < end {}
  }

  private func finishScan() {
    let events = scan.take(contacts, at: Clock.now(), lastEdge: lastEdge)
    lastEdge = nil
    if scan.isQuiet {
      listen()
    } else if let row = scan.provingRow {
      later(Self.shortPause) { $0.prove(row) }
    } else {
      let pause = scan.isProving ? Self.shortPause : Self.pause
      later(scan.waitsForStuckKeys ? Self.slowPause : pause) { $0.beginScan() }
    }
    for event in events { handler(event) }
  }

  /// Looks again at the row of a contact that may be a press.
  private func prove(_ row: Int) {
    attempt { () throws(GPIOError) in
      try read(row)
      finishScan()
    }
  }

  /// Makes every key able to tell an edge, and looks whether one came too early to tell it.
  private func listen() {
    attempt { () throws(GPIOError) in
      for row in rows { try row.set(true) }
      settle()
      for column in columns { _ = try column.takeEdges() }
      for column in columns where try column.get() {
        return later(Self.shortPause) { $0.beginScan() }
      }
      try watch()
    }
  }

  private func watch() throws(GPIOError) {
    isWatching = true
    for column in columns {
      do throws(SystemError) {
        try loop.watch(column.descriptor) { [weak self] _ in self?.edgesWait() }
      } catch {
        throw .system(line: column.name, words: error.description)
      }
    }
  }

  private func unwatch() {
    guard isWatching else { return }
    for column in columns { loop.unwatch(column.descriptor) }
    isWatching = false
  }

  private func edgesWait() {
    attempt { () throws(GPIOError) in
      guard isWatching else { return }
      let batches = try columns.map { column throws(GPIOError) in try column.takeEdges() }
      // A board may wake us for a line that is not one of ours.
      guard let last = batches.compactMap({ $0.last?.at }).max() else { return }
      let mayBeCut = batches.contains { $0.count >= Self.edgesThatMayBeCut }
      lastEdge = mayBeCut ? nil : last
      beginScan()
    }
  }

  private func later(_ delay: Duration, _ action: @escaping (MatrixKeypad) -> Void) {
    timer = loop.arm(after: delay) { [weak self] in
      guard let self else { return }
      timer = nil
      action(self)
    }
  }

  private func attempt(_ action: () throws(GPIOError) -> Void) {
    do throws(GPIOError) {
      try action()
    } catch {
      rest()
      handler(.failed(error))
    }
  }

  private func rest() {
    unwatch()
    if let timer { loop.cancel(timer) }
    timer = nil
  }
}
