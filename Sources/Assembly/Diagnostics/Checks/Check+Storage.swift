internal import MachineFiles
internal import Inspection
internal import Platform
internal import Vending

// The state directory and the two books in it.
extension Check {
  static var storageChecks: [Check] {
    [directory, space, book(.board, "journal"), book(.core, "order book")]
  }

  private static var directory: Check {
    machine("storage.directory", .storage, "state directory") { machine, examination in
      let path = machine.stateDirectory
      switch examination.site.facts(path) {
      case .failure(let error) where error.isPermission:
        return [
          examination.vouched(
            "\(error)", .journalUnwritable, .journalCorrupt, fix: "sudo vendctl doctor")
        ]
      case .failure(let error):
        return [
          .failure("\(error)", fix: "sudo install -d -o vend -g vend -m 750 \(path)")
        ]
      case .success(let facts):
        guard facts.kind == .directory else {
          return [.failure("\(path) is no directory", fix: "correct state_directory")]
        }
        guard let refusal = examination.site.refusal(path, true) else { return [.ok(path)] }
        guard refusal.isPermission else {
          return [.failure("\(refusal)", fix: "sudo mount -o remount,rw /")]
        }
        return [
          examination.vouched(
            "\(examination.site.userName) may not write it", .journalUnwritable,
            fix: "sudo vendctl doctor")
        ]
      }
    }
  }

  /// Below the first a sale may fail; below the second it is time to look.
  private static let leastBytes: Int64 = 16 << 20
  private static let fewBytes: Int64 = 128 << 20

  private static var space: Check {
    machine("storage.space", .storage, "free space", needs: ["storage.directory"]) {
      machine, examination in
      switch examination.site.freeBytes(machine.stateDirectory) {
      case .failure(let error): return [.blind("\(error)", fix: "df -h")]
      case .success(let bytes):
        let words = "\(bytes >> 20) MiB free"
        let fix = "df -h \(machine.stateDirectory); sudo journalctl --vacuum-size=50M"
        if bytes < leastBytes { return [.failure(words, fix: fix)] }
        return bytes < fewBytes ? [.warning(words, fix: fix)] : [.ok(words)]
      }
    }
  }

  private static func book(_ name: StoreName, _ title: String) -> Check {
    machine(
      "storage.\(name.rawValue)", .storage, title, needs: ["storage.directory"],
      limit: .seconds(5)
    ) { machine, examination in
      let path = "\(machine.stateDirectory)/\(name.file)"
      switch examination.site.store(machine.stateDirectory, name) {
      case .success(let sight):
        return [.ok("\(sight.records) records, the chain holds")]
      case .failure(let error) where error.isPermission:
        return [
          examination.vouched(
            error.words, .journalCorrupt, .journalUnwritable, fix: "sudo vendctl doctor")
        ]
      case .failure(let error) where error.isAbsence:
        return examination.daemon.isAbsent
          ? [.skipped("\(path) is not there: vendd has never run here")]
          : [.failure("\(path) is not there", fix: "sudo systemctl restart vendd")]
      case .failure(let error):
        return [
          .failure(
            error.words, fix: "keep a copy: sudo cp -a \(path)* /root/; then replace the medium")
        ]
      }
    }
  }
}
