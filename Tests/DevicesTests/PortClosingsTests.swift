import Platform
import Synchronization
import Testing
import Timing

@testable import Devices

/// What the virtual board has shown: close() of a port waits for a USB panel that hangs.
@Suite struct PortClosingsTests {
  private func wait(_ condition: () -> Bool) -> Bool {
    let end = Clock.now() + .seconds(5)
    while !condition(), Clock.now() < end {}
    return condition()
  }

  @Test func whoClosesAPortDoesNotWaitForTheKernel() {
    let closings = PortClosings()
    let mayEnd = Mutex(false)
    closings.begin("/dev/slow") { while !mayEnd.withLock({ $0 }) {} }
    #expect(closings.isClosing("/dev/slow"))
    #expect(!closings.isClosing("/dev/other"))
    mayEnd.withLock { $0 = true }
    #expect(wait { !closings.isClosing("/dev/slow") })
  }

  @Test func aPortThatIsClosedTwiceAtATimeIsClosingUntilBothHaveEnded() {
    let closings = PortClosings()
    let mayEnd = Mutex(0)
    for number in 1...2 {
      closings.begin("/dev/slow") { while mayEnd.withLock({ $0 }) < number {} }
    }
    mayEnd.withLock { $0 = 1 }
    #expect(closings.isClosing("/dev/slow"))
    mayEnd.withLock { $0 = 2 }
    #expect(wait { !closings.isClosing("/dev/slow") })
  }

  @Test func aPortThatTheKernelIsStillClosingIsNotOpenedButNamed() throws {
    let path = "/dev/vend-never-\(RandomBits.next())"
    let mayEnd = Mutex(false)
    PortClosings.ofThisProcess.begin(path) { while !mayEnd.withLock({ $0 }) {} }
    defer { mayEnd.withLock { $0 = true } }
    do {
      _ = try TTYSerialPort(path: path, baud: 9600)
      Issue.record("it was opened")
    } catch {
      guard case .notThere(let words) = error else { throw error }
      #expect(words.contains("still closing"))
    }
  }
}
