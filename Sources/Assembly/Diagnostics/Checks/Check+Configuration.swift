internal import MachineFiles
internal import Control
internal import Inspection
internal import Money
internal import Platform
internal import Vending

// The machine file and the daemon as a whole.
extension Check {
  static var configurationChecks: [Check] {
    [
      file, daemon, selling,
      faults("configuration.lock", .configuration, Bilingual("service lock", "维护锁"), .serviceLock),
      prices,
    ]
  }

  /// Of a file full of mistakes the doctor shows the first; `config check` lists them all.
  private static let problemsShown = 5

  private static var file: Check {
    general("configuration.file", .configuration, Bilingual("machine file", "机器文件")) {
      examination in
      switch examination.configuration {
      case .success(let machine):
        let (path, name, count) = (examination.path, machine.name, machine.lanes.count)
        return [
          .ok("\(path): machine \(name), \(count) lanes", "\(path)：机器 \(name)，\(count) 个货道")
        ]
      case .failure(let error):
        if examination.site.refusal(examination.path, false)?.isPermission == true {
          let (path, user) = (examination.path, examination.site.userName)
          return [.blind("\(path) may not be read by \(user)", "\(user) 无权读取 \(path)")]
        }
        return error.problems.prefix(problemsShown).map { problem in
          .failure(
            "refused", "\(problem)", "机器文件有误：\(problem)",
            fix: .both("vendctl config check \(examination.path)"), of: problem.path)
        }
      }
    }
  }

  private static var daemon: Check {
    machine("configuration.daemon", .configuration, Bilingual("daemon", "守护进程")) {
      _, examination in
      switch examination.daemon {
      case .running(let status):
        let time = Words.time(seconds: status.uptimeSeconds)
        return [
          .ok(
            "vendd \(status.version), process \(status.process), up \(time.english)",
            "vendd \(status.version)，进程 \(status.process)，已运行 \(time.chinese)")
        ]
      case .absent:
        return [
          .warning(
            "absent", "vendd does not run: what it would hold is looked at instead",
            "vendd 未运行：直接检查它所占用的部件", fix: .both("sudo systemctl start vendd"))
        ]
      case .barred(let words): return [.blind(words, "无权询问 vendd：\(words)")]
      case .silent(let words):
        return [
          .failure(
            "silent", "vendd holds the machine and does not answer: \(words)",
            "vendd 占用机器但无应答：\(words)", fix: .both("sudo systemctl restart vendd"))
        ]
      }
    }
  }

  private static var selling: Check {
    machine("configuration.selling", .configuration, Bilingual("sales", "销售")) { _, examination in
      guard let status = examination.daemon.status else {
        return [.skipped("only the running daemon knows", "只有运行中的 vendd 知道")]
      }
      if status.sells { return [.ok("the machine sells", "正常销售")] }
      if let order = status.order, status.faults.isEmpty {
        return [
          .ok(
            "a sale is under way: \(status.state), order \(order)",
            "交易进行中：\(status.state)，订单 \(order)")
        ]
      }
      let codes = status.faults.map(\.code)
      let because = codes.isEmpty ? "" : ": \(codes.joined(separator: ", "))"
      return [
        .failure(
          "stopped", "the machine does not sell\(because)", "机器停止销售\(because)",
          fix: .both("vendctl faults"))
      ]
    }
  }

  /// What a product costs at least; less is a price of somebody's test.
  private static let leastFen: Int64 = 10

  private static var prices: Check {
    machine("configuration.prices", .configuration, Bilingual("prices", "价格")) {
      machine, examination in
      let low = machine.lanes.filter { $0.price.fen < leastFen }
      guard let first = low.first else {
        return [.ok("\(machine.lanes.count) prices", "\(machine.lanes.count) 个价格")]
      }
      let lanes = Words.few(low.map(\.code))
      return [
        .warning(
          "test", "lane \(lanes) sells for \(first.price.yuan) CNY: a price of a test",
          "货道 \(lanes) 售价 \(first.price.yuan) 元，像是测试价格",
          fix: .both("sudoedit \(examination.path); sudo systemctl restart vendd"))
      ]
    }
  }
}

extension SystemError {
  /// Whether it is for want of permission (EACCES, EPERM).
  var isPermission: Bool { code == 13 || code == 1 }
  /// Whether nothing is there (ENOENT).
  var isAbsence: Bool { code == 2 }
}
