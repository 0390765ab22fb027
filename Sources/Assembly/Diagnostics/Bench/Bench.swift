public import MachineFiles
public import Control
internal import Core
internal import Inspection
internal import Platform
internal import Storage
internal import Timing
public import Vending

/// A technician's access to one machine: through its daemon, or without it and with its lock.
///
/// Calls block. Whatever is read without the daemon is read from the books as they are; whatever is
/// changed without it takes the state directory's lock first, so that no daemon starts meanwhile.
public struct Bench: Sendable {
  public let configuration: MachineConfiguration
  private let line: any ControlLine

  /// A bench for a machine; nothing is opened yet.
  public init(_ configuration: MachineConfiguration) {
    self.init(configuration, asking: ControlClient(path: configuration.controlSocket))
  }

  /// A bench whose questions to the daemon go another way than to its socket.
  public init(_ configuration: MachineConfiguration, asking line: any ControlLine) {
    (self.configuration, self.line) = (configuration, line)
  }

  /// Whether there is a daemon, and what it says of itself.
  public func sight(within limit: Duration = .seconds(1)) -> DaemonSight {
    do throws(ControlError) {
      if case .status(let status) = try line.ask(.status, within: limit, progress: { _ in }) {
        return .running(status)
      }
      return .silent("another answer than asked for")
    } catch {
      switch error {
      case .notRunning: return holder()
      case .notPermitted(let words): return .barred(words)
      case .refused(let words), .timeout(let words), .badAnswer(let words): return .silent(words)
      }
    }
  }

  private func holder() -> DaemonSight {
    do throws(StorageError) {
      guard let holder = try StateLock.holder(directory: configuration.stateDirectory) else {
        return .absent
      }
      return .silent("process \(holder) holds \(configuration.stateDirectory), without a socket")
    } catch {
      return .barred("\(error)")
    }
  }

  /// Asks the daemon; nil when there is none.
  public func ask(
    _ request: ControlRequest, within limit: Duration = .seconds(10),
    progress: (String) -> Void = { _ in }
  ) throws(BenchError) -> ControlReply? {
    do throws(ControlError) {
      return try line.ask(request, within: limit, progress: progress)
    } catch {
      switch error {
      case .notRunning: return nil
      case .refused(let words): throw .refused(.both(words))
      case .notPermitted(let words):
        throw .unreachable("\(error)", "无权访问 vendd：\(words)")
      case .timeout(let words): throw .unreachable("\(error)", "vendd 无应答：\(words)")
      case .badAnswer(let words):
        throw .unreachable("\(error)", "vendd 的应答无法识别：\(words)")
      }
    }
  }

  /// Asks the daemon for something that it alone can do.
  public func command(_ request: ControlRequest) throws(BenchError) -> String {
    guard let reply = try ask(request) else {
      throw .unreachable(
        "vendd does not run: sudo systemctl start vendd",
        "vendd 未运行：sudo systemctl start vendd")
    }
    guard case .done(let words) = reply else {
      throw BenchError.anotherAnswer
    }
    return words
  }

  /// How the machine is, as its daemon says.
  public func status() throws(BenchError) -> MachineStatus {
    guard let reply = try ask(.status) else {
      throw .unreachable(
        "vendd does not run; look with: vendctl doctor, vendctl orders --open",
        "vendd 未运行，请用以下命令检查：vendctl doctor、vendctl orders --open")
    }
    guard case .status(let status) = reply else {
      throw BenchError.anotherAnswer
    }
    return status
  }

  // MARK: Orders

  /// The newest orders, or those about which something is still to be done.
  public func orders(openOnly: Bool, limit: Int) throws(BenchError) -> [OrderSummary] {
    let request = ControlRequest.orders(openOnly: openOnly, limit: limit)
    if case .orders(let orders) = try askBooks(request) { return orders }
    return try listing { $0.orders(openOnly: openOnly, limit: limit) }
  }

  /// One order by its number or last characters, with its history.
  public func order(_ text: String) throws(BenchError) -> (OrderSummary, [HistoryLine]) {
    let none = BenchError.refused(ControlReply.noOrder(text), "没有订单 \(text)，或有多个")
    do throws(BenchError) {
      if case .order(let order, let history) = try askBooks(.order(text)) {
        return (order, history)
      }
    } catch {
      // The daemon says it in English alone.
      throw error == .refused(.both(ControlReply.noOrder(text))) ? none : error
    }
    guard let found = try listing({ $0.order(text) }) else { throw none }
    return found
  }

  /// Asks the daemon about its books; nil also when it could not open them: they are read here
  /// then, as far as they can be.
  private func askBooks(_ request: ControlRequest) throws(BenchError) -> ControlReply? {
    do throws(BenchError) {
      return try ask(request)
    } catch {
      guard error == .refused(.both(ControlReply.booksAreClosed)) else { throw error }
      return nil
    }
  }

  func listing<Found>(
    _ read: (OrderListing) -> Result<Found, StorageError>
  ) throws(BenchError) -> Found {
    do throws(StorageError) {
      let directory = configuration.stateDirectory
      if configuration.coreService != nil {
        let journal = try RecordStore(
          path: "\(directory)/board.db", role: .board, mode: .readOnly)
        return try read(OrderListing(journal: journal)).get()
      }
      let book = try RecordStore(path: "\(directory)/core.db", role: .core, mode: .readOnly)
      // The board's side is half of the history; the core's alone is still worth reading.
      let journal = try? RecordStore(
        path: "\(directory)/board.db", role: .board, mode: .readOnly)
      return try read(OrderListing(book, journal: journal)).get()
    } catch {
      throw .refused(NoteWords.of("\(error)"))
    }
  }

  // MARK: Without the daemon

  /// Does something that only one process may do.
  func withLock<Result>(
    _ body: () throws(BenchError) -> Result
  ) throws(BenchError) -> Result {
    let lock: StateLock
    do throws(StorageError) {
      lock = try takeLock()
    } catch {
      throw .unreachable(.both("\(error)"))
    }
    defer {
      handOver()
      withExtendedLifetime(lock) {}
    }
    return try body()
  }

  /// The state directory's lock; a file of it that root makes here stays the daemon's.
  func takeLock() throws(StorageError) -> StateLock {
    defer { handOver() }
    return try StateLock(directory: configuration.stateDirectory)
  }

  private func handOver() {
    let books = StoreName.allCases.flatMap { name in
      ["", "-wal", "-shm"].map { name.file + $0 }
    }
    FileFacts.handOver(
      (["vendd.lock"] + books).map { "\(configuration.stateDirectory)/\($0)" },
      toOwnerOf: configuration.stateDirectory)
  }
}

/// Why the technician's wish was not done.
public enum BenchError: Error, Hashable, CustomStringConvertible {
  /// Understood and not done; the words say why.
  case refused(Bilingual)
  /// Neither the daemon nor what it holds can be reached.
  case unreachable(Bilingual)

  /// Refused, for a reason in both languages.
  public static func refused(_ english: String, _ chinese: String) -> BenchError {
    .refused(Bilingual(english, chinese))
  }

  /// Out of reach, for a reason in both languages.
  public static func unreachable(_ english: String, _ chinese: String) -> BenchError {
    .unreachable(Bilingual(english, chinese))
  }

  static let anotherAnswer = BenchError.unreachable(
    "vendd gave another answer than asked for", "vendd 的应答与请求不符")

  /// Why.
  public var words: Bilingual {
    switch self {
    case .refused(let words), .unreachable(let words): words
    }
  }

  public var description: String { words.english }
}
