internal import CLinux
internal import Glibc
private import Synchronization
public import Timing

/// One thread's loop over descriptors, timers and work done elsewhere.
///
/// Everything that decides runs on it, so nothing needs a lock: a loop and what hangs on it stay on
/// the thread that made them. It sleeps until something happens; without timers it never wakes.
/// Whatever may block (disk, network, a slow panel) runs on a `Worker` and comes back here.
public final class EventLoop {
  private let epoll: Descriptor
  private let timer: Descriptor
  private let inbox: Inbox
  private var watches: [Int32: (Readiness) -> Void] = [:]
  private var timers: [(at: Instant, id: UInt64, fire: () -> Void)] = []
  private var replies: [UInt64: (any Sendable) -> Void] = [:]
  private var nextID: UInt64 = 1
  private var isRunning = false

  /// What a descriptor is watched for, or has become.
  public struct Readiness: OptionSet, Sendable {
    public let rawValue: UInt32
    /// Makes a set from epoll's bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// There is something to read, or the end.
    public static let readable = Readiness(rawValue: 0x001)
    /// There is room to write.
    public static let writable = Readiness(rawValue: 0x004)
    /// The other end has gone, or the device has.
    public static let hungUp = Readiness(rawValue: 0x008 | 0x010)

    /// The kernel says error or hang-up, or both; to us either is `hungUp`.
    init(kernel bits: UInt32) {
      let isHungUp = bits & Self.hungUp.rawValue != 0
      rawValue = isHungUp ? bits | Self.hungUp.rawValue : bits
    }
  }

  /// Names an armed timer, so that it can be cancelled.
  public struct TimerToken: Hashable, Sendable {
    fileprivate let id: UInt64
  }

  /// Makes a loop for the calling thread.
  public init() throws(SystemError) {
    let epollNumber = vend_epoll_create()
    guard epollNumber >= 0 else { throw .last("epoll_create1") }
    epoll = Descriptor(adopting: epollNumber)
    let timerNumber = vend_timerfd()
    guard timerNumber >= 0 else { throw .last("timerfd_create") }
    timer = Descriptor(adopting: timerNumber)
    inbox = try Inbox()
    for descriptor in [timer, inbox.wake] {
      guard vend_epoll_add(epoll.number, descriptor.number, Readiness.readable.rawValue) == 0
      else { throw .last("epoll_ctl") }
    }
  }

  /// Calls `handler` whenever the descriptor is ready, until `unwatch`.
  public func watch(
    _ descriptor: Int32, for interest: Readiness = .readable,
    handler: @escaping (Readiness) -> Void
  ) throws(SystemError) {
    let known = watches.updateValue(handler, forKey: descriptor) != nil
    let result =
      known
      ? vend_epoll_change(epoll.number, descriptor, interest.rawValue)
      : vend_epoll_add(epoll.number, descriptor, interest.rawValue)
    guard result == 0 else {
      watches[descriptor] = nil
      throw .last("epoll_ctl")
    }
  }

  /// Watches the descriptor no longer; call it before the descriptor is closed.
  public func unwatch(_ descriptor: Int32) {
    guard watches.removeValue(forKey: descriptor) != nil else { return }
    _ = vend_epoll_remove(epoll.number, descriptor)
  }

  /// Calls `fire` once at `instant`, or at once when that has passed.
  @discardableResult
  public func arm(at instant: Instant, fire: @escaping () -> Void) -> TimerToken {
    let id = takeID()
    let index = timers.firstIndex { $0.at > instant } ?? timers.endIndex
    timers.insert((instant, id, fire), at: index)
    if index == 0 { setTimer() }
    return TimerToken(id: id)
  }

  /// Calls `fire` once after `delay`.
  @discardableResult
  public func arm(after delay: Duration, fire: @escaping () -> Void) -> TimerToken {
    arm(at: Clock.now() + delay, fire: fire)
  }

  /// Forgets a timer; one that has fired is forgotten already.
  public func cancel(_ token: TimerToken) {
    guard let index = timers.firstIndex(where: { $0.id == token.id }) else { return }
    timers.remove(at: index)
    if index == 0 { setTimer() }
  }

  /// Runs `work` on `worker`, then `completion` with its result here.
  public func perform<Result: Sendable>(
    on worker: Worker, _ work: @escaping @Sendable () -> Result,
    then completion: @escaping (Result) -> Void
  ) {
    let id = takeID()
    replies[id] = { value in
      // The reply carries exactly what this call's work returned.
      if let result = value as? Result { completion(result) }
    }
    let inbox = inbox
    worker.enqueue { inbox.post(id, work()) }
  }

  /// Makes a way for another thread to say something to this loop, again and again.
  public func channel<Message: Sendable>(
    _ receive: @escaping (Message) -> Void
  ) -> @Sendable (Message) -> Void {
    let id = takeID()
    channels[id] = { value in
      if let message = value as? Message { receive(message) }
    }
    let inbox = inbox
    return { message in inbox.post(id, message) }
  }
  private var channels: [UInt64: (any Sendable) -> Void] = [:]

  /// Runs until `stop`.
  public func run() {
    isRunning = true
    while isRunning { turn(waiting: nil) }
  }

  /// Ends `run` after the present turn.
  public func stop() { isRunning = false }

  /// Runs one turn: waits at most `limit` (for ever when nil) and handles what is ready.
  public func turn(waiting limit: Duration?) {
    var descriptors = [Int32](repeating: 0, count: 32)
    var events = [UInt32](repeating: 0, count: 32)
    let milliseconds = limit.map { Int32(clamping: max(0, $0.wholeMilliseconds)) } ?? -1
    let count = unsafe descriptors.withUnsafeMutableBufferPointer { numbers in
      unsafe events.withUnsafeMutableBufferPointer { masks in
        unsafe vend_epoll_wait(
          epoll.number, numbers.baseAddress, masks.baseAddress, 32, milliseconds)
      }
    }
    guard count > 0 else { return }
    for index in 0..<Int(count) {
      switch descriptors[index] {
      case timer.number: fireTimers()
      case inbox.wake.number: deliverInbox()
      default: watches[descriptors[index]]?(Readiness(kernel: events[index]))
      }
    }
  }

  private func takeID() -> UInt64 {
    defer { nextID += 1 }
    return nextID
  }

  private func setTimer() {
    // 0 would disarm, and 1 ns after the clock's start has always passed.
    let next = timers.first.map { max(1, $0.at.nanoseconds) } ?? 0
    _ = vend_timerfd_arm(timer.number, next)
  }

  private func fireTimers() {
    _ = try? timer.read(upTo: 8)
    let now = Clock.now()
    while let first = timers.first, first.at <= now {
      timers.removeFirst()
      first.fire()
    }
    setTimer()
  }

  private func deliverInbox() {
    for (id, value) in inbox.take() {
      if let receive = channels[id] {
        receive(value)
      } else {
        replies.removeValue(forKey: id)?(value)
      }
    }
  }
}

/// What other threads have put down for a loop.
private final class Inbox: Sendable {
  let wake: Descriptor
  private let letters = Mutex<[(UInt64, any Sendable)]>([])

  init() throws(SystemError) {
    let number = vend_eventfd()
    guard number >= 0 else { throw .last("eventfd") }
    wake = Descriptor(adopting: number)
  }

  func post(_ id: UInt64, _ value: any Sendable) {
    let wasEmpty = letters.withLock { letters in
      letters.append((id, value))
      return letters.count == 1
    }
    guard wasEmpty else { return }
    _ = try? wake.write([1, 0, 0, 0, 0, 0, 0, 0])
  }

  func take() -> [(UInt64, any Sendable)] {
    _ = try? wake.read(upTo: 8)
    return letters.withLock { letters in
      defer { letters = [] }
      return letters
    }
  }
}
