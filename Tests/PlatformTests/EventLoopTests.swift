import Glibc
import Platform
import Synchronization
import Testing
import Timing

@Suite struct EventLoopTests {
  @Test func timersFireInTheOrderOfTheirTimesThenOfTheirArming() throws {
    let loop = try EventLoop()
    var fired: [String] = []
    let now = Clock.now()
    loop.arm(at: now + .milliseconds(30)) { fired.append("late") }
    loop.arm(at: now + .milliseconds(10)) { fired.append("early") }
    loop.arm(at: now + .milliseconds(20)) { fired.append("middle") }
    loop.arm(at: now + .milliseconds(20)) { fired.append("middle, second") }
    loop.arm(at: Instant(nanoseconds: -5)) { fired.append("past") }
    turn(loop) { fired.count == 5 }
    #expect(fired == ["past", "early", "middle", "middle, second", "late"])
  }

  @Test func noTimerFiresEarly() throws {
    let loop = try EventLoop()
    let due = Clock.now() + .milliseconds(25)
    var firedAt: Instant?
    loop.arm(at: due) { firedAt = Clock.now() }
    turn(loop) { firedAt != nil }
    #expect(try #require(firedAt) >= due)
  }

  @Test func aCancelledTimerDoesNotFireAndTheNextOneDoes() throws {
    let loop = try EventLoop()
    var fired: [String] = []
    let first = loop.arm(after: .milliseconds(5)) { fired.append("first") }
    let last = loop.arm(after: .milliseconds(20)) { fired.append("last") }
    loop.cancel(first)
    loop.cancel(first)
    turn(loop) { !fired.isEmpty }
    loop.cancel(last)
    #expect(fired == ["last"])
  }

  @Test func aTimerMayCancelAndArmOthers() throws {
    let loop = try EventLoop()
    var fired: [String] = []
    var victim: EventLoop.TimerToken?
    let now = Clock.now()
    loop.arm(at: now) {
      fired.append("first")
      if let victim { loop.cancel(victim) }
      loop.arm(after: .zero) { fired.append("third") }
    }
    victim = loop.arm(at: now) { fired.append("never") }
    turn(loop) { fired.count >= 2 }
    loop.turn(waiting: .milliseconds(20))
    #expect(fired == ["first", "third"])
  }

  @Test func aWatchedDescriptorIsHeardUntilItIsUnwatched() throws {
    let loop = try EventLoop()
    let pipe = try makePipe()
    var heard: [UInt8] = []
    try loop.watch(pipe.read.number) { _ in
      heard += ((try? pipe.read.read(upTo: 10)) ?? nil) ?? []
    }
    _ = try pipe.write.write([1, 2, 3])
    turn(loop) { heard.count == 3 }
    #expect(heard == [1, 2, 3])
    loop.unwatch(pipe.read.number)
    loop.unwatch(pipe.read.number)
    _ = try pipe.write.write([4])
    loop.turn(waiting: .milliseconds(20))
    #expect(heard == [1, 2, 3])
  }

  @Test func theEndOfAPipeIsHeard() throws {
    let loop = try EventLoop()
    let (read, write) = try makePipe()
    var writer: Descriptor? = write
    var readiness: EventLoop.Readiness = []
    try loop.watch(read.number) { readiness.formUnion($0) }
    _ = writer
    writer = nil
    _ = consume write
    turn(loop) { !readiness.isEmpty }
    #expect(readiness.contains(.hungUp))
  }

  @Test func watchingAgainReplacesTheInterestAndTheHandler() throws {
    let loop = try EventLoop()
    let pipe = try makePipe()
    var heard: [String] = []
    try loop.watch(pipe.write.number, for: .readable) { _ in heard.append("old") }
    try loop.watch(pipe.write.number, for: .writable) { _ in heard.append("new") }
    turn(loop) { !heard.isEmpty }
    #expect(heard.allSatisfy { $0 == "new" })
  }

  @Test func aDescriptorThatIsNotOpenCannotBeWatched() throws {
    let loop = try EventLoop()
    #expect(throws: SystemError("epoll_ctl", code: EBADF)) {
      try loop.watch(9999) { _ in }
    }
  }

  @Test func oneHandlerMayUnwatchAnotherThatIsReadyInTheSameTurn() throws {
    let loop = try EventLoop()
    let pipes = [try makePipe(), try makePipe()]
    var heard: [Int] = []
    for (index, pipe) in pipes.enumerated() {
      _ = try pipe.write.write([1])
      try loop.watch(pipe.read.number) { _ in
        heard.append(index)
        for other in pipes { loop.unwatch(other.read.number) }
      }
    }
    turn(loop) { !heard.isEmpty }
    loop.turn(waiting: .milliseconds(10))
    #expect(heard.count == 1)
  }

  @Test func workIsDoneElsewhereAndItsResultComesBackHere() throws {
    let loop = try EventLoop()
    let worker = Worker(name: "test")
    let here = pthread_self()
    var results: [Int?] = []
    loop.perform(on: worker, { pthread_self() != here ? 1 : 0 }) {
      results.append(pthread_self() == here ? $0 : -1)
    }
    loop.perform(on: worker, { Int?.none }) { results.append($0) }
    loop.perform(on: worker, {}) { results.append(3) }
    turn(loop) { results.count == 3 }
    #expect(results == [1, nil, 3])
  }

  @Test func manyResultsComeBackEachOnceAndInOrder() throws {
    let loop = try EventLoop()
    let worker = Worker(name: "test")
    var results: [Int] = []
    for index in 0..<2000 { loop.perform(on: worker, { index }) { results.append($0) } }
    turn(loop) { results.count >= 2000 }
    #expect(results == Array(0..<2000))
  }

  @Test func aChannelIsHeardAgainAndAgainFromManyThreads() throws {
    let loop = try EventLoop()
    var sums = [0, 0, 0]
    let say: @Sendable (Int) -> Void = loop.channel { (index: Int) in sums[index] += 1 }
    let workers = (0..<3).map { Worker(name: "test\($0)") }
    for (index, worker) in workers.enumerated() {
      worker.enqueue { for _ in 0..<500 { say(index) } }
    }
    turn(loop) { sums == [500, 500, 500] }
    #expect(sums == [500, 500, 500])
  }

  @Test func runEndsWithStop() throws {
    let loop = try EventLoop()
    var count = 0
    loop.arm(after: .milliseconds(1)) { count += 1 }
    loop.arm(after: .milliseconds(5)) { loop.stop() }
    loop.arm(after: .seconds(60)) { count += 100 }
    loop.run()
    #expect(count == 1)
  }

  @Test func aTurnWithoutEventsEndsAtItsLimit() throws {
    let loop = try EventLoop()
    let start = Clock.now()
    loop.turn(waiting: .milliseconds(30))
    #expect(Clock.now() - start >= .milliseconds(25))
  }
}

@Suite struct WorkerTests {
  @Test func piecesAreDoneOneAfterTheOtherInOrder() {
    let worker = Worker(name: "test")
    let done = Mutex<[Int]>([])
    let overlaps = Mutex((inside: 0, worst: 0))
    for index in 0..<500 {
      worker.enqueue {
        overlaps.withLock { $0 = ($0.inside + 1, max($0.worst, $0.inside + 1)) }
        done.withLock { $0.append(index) }
        overlaps.withLock { $0.inside -= 1 }
      }
    }
    wait { done.withLock { $0.count } == 500 }
    #expect(done.withLock { $0 } == Array(0..<500))
    #expect(overlaps.withLock { $0.worst } == 1)
  }

  @Test func theBacklogCountsWhatWaitsAndRuns() {
    let worker = Worker(name: "test")
    let gate = Mutex<Bool>(false)
    for _ in 0..<3 {
      worker.enqueue { while !gate.withLock({ $0 }) { sched_yield() } }
    }
    #expect(worker.backlog == 3)
    gate.withLock { $0 = true }
    wait { worker.backlog == 0 }
    #expect(worker.backlog == 0)
  }

  @Test func whatWasEnqueuedIsDoneAlsoWhenTheWorkerIsLetGo() {
    let done = Mutex<Int>(0)
    do {
      let worker = Worker(name: "test")
      for _ in 0..<50 { worker.enqueue { done.withLock { $0 += 1 } } }
    }
    wait { done.withLock { $0 } == 50 }
    #expect(done.withLock { $0 } == 50)
  }

  private func wait(until condition: () -> Bool) {
    let limit = Clock.now() + .seconds(10)
    while !condition(), Clock.now() < limit { sched_yield() }
  }
}
