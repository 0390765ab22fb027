internal import Inspection
public import Platform
public import Timing

/// Up to which day a machine's books were held against the platform's bills, and added up.
public enum Reconciled {
  /// The file's name in the state directory; its one line is the day.
  static let file = "reconciled"

  /// Notes the day beside a journal that lies in a machine's state directory.
  ///
  /// A copy elsewhere is nobody's state. An earlier day takes nothing back.
  public static func note(_ day: BeijingDay, journal: String) throws(SystemError) {
    let directory = Files.directory(of: journal)
    guard Files.exists("\(directory)/vendd.lock") else { return }
    let path = "\(directory)/\(file)"
    if let text = try? Files.readText(path, limit: 64),
      let known = BeijingDay(String(text.prefix { $0 != "\n" })), known >= day
    {
      return
    }
    try Files.replace(path, with: Array("\(day)\n".utf8), permissions: 0o640)
    FileFacts.handOver([path], toOwnerOf: directory)
  }
}
