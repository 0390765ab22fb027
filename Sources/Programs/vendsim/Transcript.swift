import Platform
import Simulation

/// Prints a machine's log as it grows.
struct Transcript {
  private let task: Task<Void, Never>

  /// Begins at the log's beginning.
  init(of log: MachineLog) {
    task = Task {
      var last = 0
      while true {
        let isOver = Task.isCancelled
        let rings = log.bell.rings
        for line in log.lines(after: last) {
          last = line.index
          StandardOutput.write(Self.text(line))
        }
        if isOver { return }
        await log.bell.wait(after: rings, atMost: .milliseconds(200))
      }
    }
  }

  /// Prints what is there and ends.
  func end() async {
    task.cancel()
    await task.value
  }

  /// Ends without waiting.
  func finish() { task.cancel() }

  private static func text(_ line: MachineLog.Line) -> String {
    let time = String(line.milliseconds)
    let source = line.source.rawValue
    return String(repeating: " ", count: max(0, 7 - time.count)) + "\(time) ms  \(source)"
      + String(repeating: " ", count: max(1, 10 - source.count)) + "\(line.words)\n"
  }
}
