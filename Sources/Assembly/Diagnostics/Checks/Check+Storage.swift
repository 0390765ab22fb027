internal import MachineFiles
internal import Inspection
internal import Platform
internal import Vending

// The state directory and the two books in it.
extension Check {
  static var storageChecks: [Check] {
    [
      directory, owner, space, inodes,
      faults(
        "storage.writing", .storage, Bilingual("journal's writing", "日志写入"), .journalUnwritable),
      book(.board, Bilingual("journal", "交易日志"), .journalCorrupt),
      book(.core, Bilingual("order book", "订单账本")),
    ]
  }

  private static var directory: Check {
    machine("storage.directory", .storage, Bilingual("state directory", "状态目录")) {
      machine, examination in
      let path = machine.stateDirectory
      let site = examination.site
      switch site.facts(path) {
      case .failure(let error) where error.isPermission:
        return [examination.vouched("\(error)", "\(error)")]
      case .failure(let error):
        return [
          .failure(
            "absent", "\(error)", "状态目录不可用：\(error)",
            fix: .both("sudo install -d -o vend -g vend -m 750 \(path)"))
        ]
      case .success(let facts):
        guard facts.kind == .directory else {
          return [
            .failure(
              "file", "\(path) is no directory", "\(path) 不是目录",
              fix: .both("sudo mv \(path) \(path).old; sudo install -d -o vend -g vend \(path)"))
          ]
        }
        guard let refusal = site.refusal(path, true) else { return [.ok(.both(path))] }
        guard refusal.isPermission else {
          return [
            .failure(
              "readonly", "\(refusal)", "不可写：\(refusal)",
              fix: .both("sudo mount -o remount,rw $(stat -c %m \(path))"))
          ]
        }
        return [
          examination.vouched(
            "\(site.userName) may not write it", "\(site.userName) 无权写入")
        ]
      }
    }
  }

  /// What the daemon and the books leave in the directory.
  private static let files = ["vendd.lock", "board.db", "board.db-wal", "core.db", "core.db-wal"]

  private static var owner: Check {
    machine(
      "storage.owner", .storage, Bilingual("files' owner", "文件属主"), needs: ["storage.directory"]
    ) { machine, examination in
      let path = machine.stateDirectory
      guard case .success(let home) = examination.site.facts(path) else {
        return [.skipped("not ours to see", "无权查看")]
      }
      let foreign = files.filter { name in
        guard case .success(let facts) = examination.site.facts("\(path)/\(name)") else {
          return false
        }
        return facts.userID != home.userID
      }
      guard !foreign.isEmpty else { return [.ok("the directory's", "与目录一致")] }
      let names = foreign.joined(separator: ", ")
      return [
        .failure(
          "foreign", "\(names): not the directory's owner's, so vendd may not write",
          "\(names) 的属主与目录不同，vendd 无法写入",
          fix: .both("sudo chown --reference=\(path) \(path)/*; sudo systemctl restart vendd"))
      ]
    }
  }

  /// Below the first a sale may fail; below the second it is time to look.
  private static let leastBytes: Int64 = 16 << 20
  private static let fewBytes: Int64 = 128 << 20

  private static var space: Check {
    machine(
      "storage.space", .storage, Bilingual("free space", "剩余空间"), needs: ["storage.directory"]
    ) { machine, examination in
      let path = machine.stateDirectory
      switch examination.site.freeBytes(path) {
      case .failure(let error): return [.blind("\(error)", "\(error)", fix: .both("df -h"))]
      case .success(let bytes):
        let (english, chinese) = ("\(bytes >> 20) MiB free", "剩余 \(bytes >> 20) MiB")
        let fix = Bilingual.both("df -h \(path); sudo journalctl --vacuum-size=50M")
        if bytes < leastBytes { return [.failure("full", english, chinese, fix: fix)] }
        return bytes < fewBytes
          ? [.warning("low", english, chinese, fix: fix)] : [.ok(english, chinese)]
      }
    }
  }

  private static var inodes: Check {
    machine(
      "storage.inodes", .storage, Bilingual("free inodes", "剩余 inode"),
      needs: ["storage.directory"]
    ) { machine, examination in
      let path = machine.stateDirectory
      switch examination.site.freeFiles(path) {
      case .failure(let error): return [.blind("\(error)", "\(error)", fix: .both("df -i"))]
      case .success(let count) where count < 64:
        return [
          .failure(
            "full", "\(count) files more, and it is full", "只能再建 \(count) 个文件",
            fix: .both("df -i \(path); sudo find /var /tmp -xdev -type f | cut -d/ -f2-4 | uniq -c")
          )
        ]
      case .success(let count):
        return [.ok(count == .max ? .both("-") : .both("\(count)"))]
      }
    }
  }

  private static func book(_ name: StoreName, _ title: Bilingual, _ codes: Fault.Code...) -> Check {
    machine(
      "storage.\(name.rawValue)", .storage, title, needs: ["storage.directory"],
      limit: .seconds(60)
    ) { machine, examination in
      let path = "\(machine.stateDirectory)/\(name.file)"
      switch examination.site.store(machine.stateDirectory, name) {
      case .success(let sight):
        if let status = examination.daemon.status,
          let found = codes.lazy.compactMap({ standing($0, in: status).first }).first
        {
          return [found]
        }
        return [
          .ok("\(sight.records) records, the chain holds", "\(sight.records) 条记录，校验链完整")
        ]
      case .failure(let error) where error.isPermission:
        return [examination.vouched(error.words, error.words, .journalCorrupt)]
      case .failure(let error) where error.isAbsence:
        return examination.daemon.isAbsent
          ? [
            .skipped(
              "\(path) is not there: vendd has never run here", "\(path) 不存在：vendd 从未在此运行")
          ]
          : [
            .failure(
              "absent", "\(path) is not there, though vendd runs", "vendd 运行中但 \(path) 不存在",
              fix: .both("sudo systemctl restart vendd"))
          ]
      case .failure(let error) where error.code == "newer":
        return [
          .failure(
            "newer", error.words, "由更新版本的程序写入：\(error.words)",
            fix: .both("sudo board/install; sudo systemctl restart vendd"))
        ]
      case .failure(let error):
        return [
          .failure(
            error.code, error.words, "损坏或不可读：\(error.words)",
            fix: Bilingual(
              "keep a copy: sudo cp -a \(path)* /root/; then replace the medium",
              "先备份：sudo cp -a \(path)* /root/；然后更换存储卡"))
        ]
      }
    }
  }
}
