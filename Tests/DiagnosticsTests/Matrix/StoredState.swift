import MachineFiles
import Testing

@testable import Diagnostics

/// A state of a machine as its story has left it, on the disk and, where it still runs, in its
/// daemon.
struct StoredState: CustomTestStringConvertible {
  var name: String
  /// What has happened, in a sentence.
  var words: String
  var settings: @Sendable (inout MachineConfiguration) -> Void
  var story: @Sendable (PlayedMachine) throws -> Void

  init(
    _ name: String, _ words: String,
    settings: @escaping @Sendable (inout MachineConfiguration) -> Void = { _ in },
    _ story: @escaping @Sendable (PlayedMachine) throws -> Void
  ) {
    (self.name, self.words) = (name, words)
    (self.settings, self.story) = (settings, story)
  }

  var testDescription: String { name }

  static var all: [StoredState] { selling + power + money + cabinet + around + field }

  /// Plays the story.
  func play() throws -> PlayedMachine {
    let played = try PlayedMachine(settings)
    try story(played)
    return played
  }
}
