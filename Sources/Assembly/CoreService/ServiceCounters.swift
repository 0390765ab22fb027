internal import Ordering
internal import Synchronization
internal import Timing

/// What the service counts, for `/metrics`; since the process began.
public final class ServiceCounters: Sendable {
  /// A thing that is counted, named as Prometheus gets it.
  public enum Name: String, CaseIterable, Sendable {
    /// Notices of payments that were verified and kept.
    case noticesKept = "vendpay_notices_kept_total"
    /// Notices that were not believed.
    case noticesRefused = "vendpay_notices_refused_total"
    /// Notices that could not be kept.
    case noticesFailed = "vendpay_notices_failed_total"
    /// Questions to the provider about orders without news.
    case silentQueries = "vendpay_silent_queries_total"
    /// Events that were handled anew since another process was faster.
    case overtaken = "vendpay_overtaken_total"
    /// Calls to the store that failed.
    case storeFailures = "vendpay_store_failures_total"
    /// Things that a person was told.
    case alarms = "vendpay_alarms_total"
    /// Entries of the log that could not be written.
    case lostNotes = "vendpay_lost_notes_total"
    /// Calls with a token that nobody has, or that was revoked.
    case strangers = "vendpay_strangers_total"
    /// Calls that came too fast.
    case throttled = "vendpay_throttled_total"
    /// Boards that seem to exist twice.
    case clones = "vendpay_clones_total"
    /// Duties carried out.
    case duties = "vendpay_duties_total"

    /// What a reader is told of it.
    public var help: String {
      switch self {
      case .noticesKept: "Payment and refund notices verified and kept."
      case .noticesRefused: "Notices that were not believed."
      case .noticesFailed: "Notices that could not be kept and will come again."
      case .silentQueries: "Provider queries about orders without news."
      case .overtaken: "Events handled anew since another process was faster."
      case .storeFailures: "Calls to the store that failed."
      case .alarms: "Things that a person was told of."
      case .lostNotes: "Log entries that could not be written."
      case .strangers: "Calls with an unknown or revoked token."
      case .throttled: "Calls refused since they came too fast."
      case .clones: "Boards that seem to exist twice."
      case .duties: "Duties carried out by this process."
      }
    }
  }

  /// A kind of call whose time is measured.
  public enum Call: String, CaseIterable, Sendable {
    case open, status, permit, settle, cancel, heartbeat, notice
  }

  /// Upper ends of the histogram's spans, in seconds; the last has none.
  public static let spans: [Double] = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5]

  /// How often and how fast a kind of call was answered.
  public struct Times: Sendable {
    /// By span, the open one last.
    public var counts = [Int](repeating: 0, count: ServiceCounters.spans.count + 1)
    public var sum: Duration = .zero
  }

  private struct State {
    var counts: [Name: Int] = [:]
    var records: [OrderBook.RecordKind: Int] = [:]
    var times: [Call: Times] = [:]
  }

  private let state = Mutex(State())

  /// All at zero.
  public init() {}

  /// Counts one more.
  public func add(_ name: Name) { state.withLock { $0.counts[name, default: 0] += 1 } }

  /// Counts a step of an order.
  func add(_ kind: OrderBook.RecordKind) { state.withLock { $0.records[kind, default: 0] += 1 } }

  /// Counts a call that was answered after `time`.
  public func add(_ call: Call, took time: Duration) {
    let seconds = Double(time.wholeNanoseconds) / 1e9
    let span = Self.spans.firstIndex { seconds <= $0 } ?? Self.spans.count
    state.withLock { state in
      state.times[call, default: Times()].counts[span] += 1
      state.times[call, default: Times()].sum += time
    }
  }

  /// How often so far.
  public func count(_ name: Name) -> Int { state.withLock { $0.counts[name] ?? 0 } }

  /// Steps of orders by the word for them.
  public var steps: [String: Int] {
    state.withLock { state in
      Dictionary(uniqueKeysWithValues: state.records.map { ($0.key.rawValue, $0.value) })
    }
  }

  /// The times of a kind of call.
  public func times(_ call: Call) -> Times { state.withLock { $0.times[call] ?? Times() } }
}
