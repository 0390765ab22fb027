internal import CTrace
internal import Glibc
internal import Platform
internal import Synchronization

/// Counts the system calls of a running process by ptrace(2), and strikes at one of them.
///
/// The count runs over all threads, so every call of the process has one number; strace(1) counts
/// each thread's by itself. A process that is traced is reaped by the tracer's thread, which tells
/// its `ChildProcess`. Between a call's beginning and its end it costs two stops, armed or not.
public final class SystemCallTracer: Sendable {
  /// Why a process cannot be traced, in words.
  public struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    public var words: String
    public var description: String { words }
  }

  /// What was counted and struck since the last arming.
  public struct Tally: Hashable, Sendable {
    /// Calls that the reach means.
    public var count = 0
    /// The first call that was struck.
    public var struck: TracedCall?
    /// Calls that were struck.
    public var blows = 0
    /// How often each call was counted, by name.
    public var names: [String: Int] = [:]
  }

  private struct State {
    var strike: Strike?
    var tally = Tally()
  }

  private let child: ChildProcess
  private let handle: Descriptor?
  private let state = Mutex(State())
  /// One for each process: it waits for that process's threads alone.
  private let worker = Worker(name: "tracer")

  /// Attaches to every thread of a process that we started.
  ///
  /// With `fromProgram` nothing counts before the process has become a program that ends so: for a
  /// process that waits, stopped, for the trace to begin.
  public init(
    _ child: ChildProcess, fromProgram ending: String? = nil, strike: Strike? = nil
  ) async throws {
    self.child = child
    state.withLock { $0.strike = strike }
    let number = vend_trace_process(child.number)
    handle = number >= 0 ? Descriptor(adopting: number) : nil
    let failure = await withCheckedContinuation { continuation in
      worker.enqueue { [self] in
        child.isTraced = true
        let threads = Threads(of: child.number, begins: ending)
        if let code = threads.seize() {
          child.isTraced = false
          return continuation.resume(returning: Failure?.some(Self.words(code)))
        }
        continuation.resume(returning: nil)
        follow(threads)
      }
    }
    if let failure { throw failure }
  }

  private static func words(_ code: Int32) -> Failure {
    Failure(
      words: "system calls cannot be traced here (ptrace: \(SystemError("", code: code).words))")
  }

  /// Counts anew from here, and strikes as told.
  public func arm(_ strike: Strike) {
    state.withLock { $0 = State(strike: strike) }
  }

  /// Strikes and counts no more; what was counted.
  @discardableResult
  public func disarm() -> Tally {
    state.withLock { state in
      state.strike = nil
      return state.tally
    }
  }

  /// What was counted so far.
  public var tally: Tally { state.withLock { $0.tally } }

  /// Whether this system lets a process trace its child, and answer calls in the kernel's place.
  public static func isPermitted() async -> Bool {
    guard vend_trace_can_answer() == 1, let child = try? ChildProcess(["sleep", "60"]) else {
      return false
    }
    let tracer = try? await SystemCallTracer(child)
    await child.end(patience: .zero)
    return tracer != nil
  }

  // MARK: On the tracer's thread

  private func follow(_ threads: Threads) {
    while true {
      var status: Int32 = 0
      let thread = vend_trace_wait(&status)
      if thread == -EINTR { continue }
      guard thread > 0 else { break }
      guard vend_trace_is_stopped(status) == 1 else {
        threads.forget(thread)
        if thread == child.number { child.ended(status) }
        continue
      }
      threads.know(thread)
      stopped(thread, status, threads)
    }
    // Whoever waits for a child that slipped away reaps it himself.
    child.isTraced = false
  }

  private func stopped(_ thread: Int32, _ status: Int32, _ threads: Threads) {
    let signal = vend_trace_signal(status)
    let event = vend_trace_event(status)
    if signal == vend_trace_call_signal, event == 0 {
      call(thread, threads)
    } else if event == vend_trace_event_stop, [SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU].contains(signal)
    {
      // A process that waits for the trace to begin has waited long enough.
      if threads.isWaiting { kill(child.number, SIGCONT) }
      _ = vend_trace_listen(thread)
      return
    } else if event == vend_trace_event_exec {
      threads.becameProgram()
    }
    _ = vend_trace_resume(thread, event == 0 && signal != vend_trace_call_signal ? signal : 0)
  }

  private func call(_ thread: Int32, _ threads: Threads) {
    var call = vend_trace_call()
    guard vend_trace_look(thread, &call) == 0 else { return }
    if call.is_entry == 0 {
      if let code = threads.takeAnswer(of: thread) {
        _ = vend_trace_answer(thread, -Int64(code))
      }
      return
    }
    guard !threads.isWaiting, let blow = enters(thread, call) else { return }
    guard let code = blow.code else {
      kill(child.number, SIGKILL)
      return
    }
    if vend_trace_skip(thread) == 0 { threads.owe(code, to: thread) }
  }

  /// Counts a call that begins; the blow that it meets.
  private func enters(_ thread: Int32, _ call: vend_trace_call) -> Strike.Blow? {
    guard let strike = state.withLock({ $0.strike }) else { return nil }
    let name = TracedCall.name(of: call.number)
    guard strike.reach.mayMean(name) else { return nil }
    let arguments = [call.arguments.0]
    let (object, objectName) = TracedCall.object(
      of: name, arguments, process: child.number, handle: handle)
    guard strike.reach.means(name, on: object) else { return nil }
    return state.withLock { state in
      guard state.strike == strike else { return nil }
      state.tally.count += 1
      state.tally.names[name, default: 0] += 1
      guard let place = strike.place else { return nil }
      let isHit = strike.lasts ? state.tally.count >= place : state.tally.count == place
      guard isHit else { return nil }
      state.tally.blows += 1
      if state.tally.struck == nil {
        state.tally.struck = TracedCall(
          name: name, object: object, objectName: objectName,
          thread: TracedCall.threadName(thread, of: child.number))
      }
      return strike.blow
    }
  }
}

/// The threads of a traced process, as its tracer knows them; touched by the tracer's thread alone.
private final class Threads {
  private let process: Int32
  private var known: Set<Int32> = []
  /// What calls that were skipped return at their exit.
  private var owed: [Int32: Int32] = [:]
  private let beginning: String?
  /// Whether the program has not begun that is to be counted.
  private(set) var isWaiting: Bool

  init(of process: Int32, begins ending: String?) {
    (self.process, beginning, isWaiting) = (process, ending, ending != nil)
  }

  /// Attaches to all; the error's number when the first cannot be had.
  func seize() -> Int32? {
    var isNew = true
    while isNew {
      isNew = false
      for thread in Self.list(process) where !known.contains(thread) {
        let result = vend_trace_seize(thread)
        if result < 0, known.isEmpty { return -result }
        // One that another has started meanwhile is attached already, or has ended.
        guard result == 0 else { continue }
        known.insert(thread)
        isNew = true
        _ = vend_trace_interrupt(thread)
      }
    }
    return known.isEmpty ? ESRCH : nil
  }

  func know(_ thread: Int32) { known.insert(thread) }

  func forget(_ thread: Int32) {
    known.remove(thread)
    owed[thread] = nil
  }

  func owe(_ code: Int32, to thread: Int32) { owed[thread] = code }
  func takeAnswer(of thread: Int32) -> Int32? { owed.removeValue(forKey: thread) }

  /// The process runs another program from here on.
  func becameProgram() {
    guard let beginning, let path = realpath("/proc/\(process)/exe", nil) else { return }
    defer { free(path) }
    if String(cString: path).hasSuffix(beginning) { isWaiting = false }
  }

  private static func list(_ process: Int32) -> [Int32] {
    guard let folder = opendir("/proc/\(process)/task") else { return [] }
    defer { closedir(folder) }
    var found: [Int32] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if let number = Int32(name) { found.append(number) }
    }
    return found
  }
}
