import Glibc
import Platform
import Testing
import Timing

/// A directory of its own that goes away with the test.
final class Scratch {
  let path: String

  init() throws {
    path = "\(Environment["TMPDIR"] ?? "/tmp")/vend-platform-\(RandomBits.text(count: 12))"
    guard mkdir(path, 0o700) == 0 else { throw SystemError.last("mkdir", path) }
  }

  deinit {
    for name in names { unlink("\(path)/\(name)") }
    rmdir(path)
  }

  /// What is in it.
  var names: [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  func file(_ name: String) -> String { "\(path)/\(name)" }
}

/// A pipe: what is written to one end is read from the other.
func makePipe() throws -> (read: Descriptor, write: Descriptor) {
  var ends: [Int32] = [0, 0]
  guard pipe(&ends) == 0 else { throw SystemError.last("pipe") }
  return (Descriptor(adopting: ends[0]), Descriptor(adopting: ends[1]))
}

/// Turns the loop until `condition` holds, for at most ten seconds.
func turn(_ loop: EventLoop, until condition: () -> Bool) {
  let limit = Clock.now() + .seconds(10)
  while !condition(), Clock.now() < limit { loop.turn(waiting: .milliseconds(100)) }
}
