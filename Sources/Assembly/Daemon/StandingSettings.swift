internal import Core
internal import MachineFiles
internal import Platform

/// What the machine file says of language and behaviour, and what an operator far away has set over
/// it, as it stands on the disk.
final class StandingSettings {
  /// The machine file's word alone.
  private let file: MachineSettings
  private let path: String
  /// What the machine goes by.
  private(set) var settings: MachineSettings
  /// The version that was seen last; nil when there never was one.
  private(set) var version: Int64?
  /// Why that version does not hold; nil when it does.
  private(set) var trouble: String?

  /// Reads what stands on the disk; a machine without it, or with one that does not fit, goes by
  /// its file.
  convenience init(of machine: MachineConfiguration) {
    self.init(over: machine.settings, path: "\(machine.stateDirectory)/settings.toml")
    if machine.coreService != nil { load() }
  }

  private init(over file: MachineSettings, path: String) {
    (self.file, settings, self.path) = (file, file, path)
  }

  private func load() {
    guard Files.exists(path) else { return }
    do {
      let text = try Files.readText(path, limit: Self.sizeMax)
      guard let version = Self.version(of: text) else {
        trouble = "\(path): the first line does not say which version it is"
        return
      }
      self.version = version
      settings = try file.set(by: text, named: path)
    } catch {
      trouble = "\(error)"
    }
  }

  private static let sizeMax = 64 << 10

  /// Takes newer settings in, on the disk first; whether the machine must begin anew to go by them.
  func take(_ news: RemoteCore.Settings) -> Bool {
    do {
      let wanted = try file.set(by: news.text, named: "settings \(news.version)")
      let text = Self.head(news.version) + news.text
      guard text.utf8.count <= Self.sizeMax else { throw TooLong() }
      try Files.replace(path, with: Array(text.utf8), permissions: 0o600)
      // What the next start would go by: one that could not read it would begin anew for ever.
      let next = StandingSettings(over: file, path: path)
      next.load()
      guard next.settings == wanted else { throw Unreadable(description: next.trouble ?? path) }
      (version, trouble) = (news.version, nil)
      return wanted != settings
    } catch {
      // What held before holds on; it is not asked for again before the next start.
      (version, trouble) = (news.version, "\(error)")
      return false
    }
  }

  private struct Unreadable: Error, CustomStringConvertible { var description: String }

  private struct TooLong: Error, CustomStringConvertible {
    var description: String { "more than \(StandingSettings.sizeMax) bytes" }
  }

  private static let mark = "# The payment service's settings, version "

  private static func head(_ version: Int64) -> String {
    "\(mark)\(version)\n# vendd writes this file; what it does not say is the machine file's.\n"
  }

  private static func version(of text: String) -> Int64? {
    guard let line = text.split(separator: "\n", maxSplits: 1).first, line.hasPrefix(mark)
    else { return nil }
    return Int64(line.dropFirst(mark.count))
  }
}
