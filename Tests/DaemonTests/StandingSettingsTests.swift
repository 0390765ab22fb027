import Core
import Foundation
import MachineFiles
import Platform
import Testing

@testable import Daemon

/// Settings of a service as they stand on a board's disk.
@Suite struct StandingSettingsTests {
  private final class Room {
    let folder = "/tmp/vend-settings-\(RandomBits.text(count: 8))"
    let file: MachineConfiguration

    init() throws {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let sample = URL(fileURLWithPath: #filePath).appending(
        path: "../../../board/samples/remote-core.toml"
      ).standardized.path
      var file = try MachineConfiguration.load(path: sample)
      file.stateDirectory = folder
      self.file = file
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    var standing: StandingSettings { StandingSettings(of: file) }
    var path: String { "\(folder)/settings.toml" }
  }

  private static let english = "language = \"en\"\n[policy]\nmessage_time = \"7s\"\n"

  @Test func newSettingsHoldFromTheNextStartOn() throws {
    let room = try Room()
    let settings = room.standing
    #expect(settings.version == nil && settings.trouble == nil)
    #expect(settings.settings == room.file.settings)
    #expect(settings.take(RemoteCore.Settings(version: 3, text: Self.english)))
    let next = room.standing
    #expect(next.version == 3 && next.trouble == nil)
    #expect(next.settings.policy.messageTime == .seconds(7))
    #expect(next.settings.language == .english)
    let back = room.standing
    #expect(!back.take(RemoteCore.Settings(version: 4, text: Self.english)), "nothing is other")
    #expect(back.take(RemoteCore.Settings(version: 5, text: "")), "taken back")
    #expect(room.standing.settings == room.file.settings && room.standing.version == 5)
  }

  @Test func settingsThatDoNotFitChangeNothing() throws {
    let room = try Room()
    let settings = room.standing
    #expect(settings.take(RemoteCore.Settings(version: 3, text: Self.english)))
    let next = room.standing
    #expect(!next.take(RemoteCore.Settings(version: 4, text: "[policy]\nmessage_time = 9\n")))
    #expect(next.version == 4, "not asked for again")
    #expect(next.trouble?.contains("settings 4:2: policy.message_time") == true)
    #expect(room.standing.settings.policy.messageTime == .seconds(7))
  }

  @Test func whatIsDamagedOnTheDiskIsLeftAsideAndAskedForAgain() throws {
    let room = try Room()
    for text in ["", "nonsense", "language = \"en\"\n"] {
      try Files.replace(room.path, with: Array(text.utf8))
      let settings = room.standing
      #expect(
        settings.version == nil && settings.trouble != nil
          && settings.settings == room.file.settings)
    }
    let old = "# The payment service's settings, version 7\nlanguage = \"fr\"\n"
    try Files.replace(room.path, with: Array(old.utf8))
    #expect(room.standing.trouble?.contains("settings.toml:2: language") == true)
    #expect(room.standing.settings == room.file.settings)
  }

  @Test func whatCannotBeWrittenIsNotGoneBy() throws {
    let room = try Room()
    try FileManager.default.createDirectory(
      atPath: "\(room.path).new", withIntermediateDirectories: true)
    let settings = room.standing
    #expect(!settings.take(RemoteCore.Settings(version: 3, text: Self.english)))
    #expect(settings.trouble != nil)
    #expect(room.standing.settings == room.file.settings)
  }

  @Test func aMachineWithItsCoreAtHandKnowsNone() throws {
    let room = try Room()
    let settings = room.standing
    #expect(settings.take(RemoteCore.Settings(version: 3, text: Self.english)))
    let sample = URL(fileURLWithPath: #filePath).appending(
      path: "../../../board/samples/api-v3.toml"
    ).standardized.path
    var file = try MachineConfiguration.load(path: sample)
    file.stateDirectory = room.folder
    #expect(StandingSettings(of: file).settings == file.settings)
  }
}
