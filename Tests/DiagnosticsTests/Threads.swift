import MachineFiles
import Glibc

/// Waiting where a test needs a thread that hangs.
enum Threads {
  static func sleep(_ duration: Duration) {
    usleep(UInt32(duration.components.seconds * 1_000_000))
  }
}

/// Machine files that are refused.
enum Refusals {
  static func some() throws -> ConfigurationError {
    do throws(ConfigurationError) {
      _ = try MachineConfiguration.load(path: "/nonexistent/machine.toml")
      struct Accepted: Error {}
    } catch {
      return error
    }
    throw Unexpected()
  }

  private struct Unexpected: Error {}
}
