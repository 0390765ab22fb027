internal import MachineFiles
internal import Control
internal import Inspection
internal import Platform

// The machine file, the daemon as a whole, and the board under it.
extension Check {
  static var configurationChecks: [Check] {
    [file, daemon, selling, model]
  }

  /// Of a file full of mistakes the doctor shows the first; `config check` lists them all.
  private static let problemsShown = 5

  private static var file: Check {
    general("configuration.file", .configuration, "machine file") { examination in
      switch examination.configuration {
      case .success(let machine):
        return [
          .ok("\(examination.path): machine \(machine.name), \(machine.lanes.count) lanes")
        ]
      case .failure(let error):
        if examination.site.refusal(examination.path, false)?.isPermission == true {
          return [
            .blind(
              "\(examination.path) may not be read by \(examination.site.userName)",
              fix: "sudo vendctl doctor")
          ]
        }
        return error.problems.prefix(problemsShown).map { problem in
          .failure(
            "\(problem)", fix: "vendctl config check \(examination.path)", of: problem.path)
        }
      }
    }
  }

  private static var daemon: Check {
    machine("configuration.daemon", .configuration, "daemon") { _, examination in
      switch examination.daemon {
      case .running(let status):
        return [
          .ok(
            "vendd \(status.version), process \(status.process), "
              + "up \(Words.time(seconds: status.uptimeSeconds))")
        ]
      case .absent:
        return [
          .warning(
            "vendd does not run: what it would hold is looked at instead",
            fix: "sudo systemctl start vendd")
        ]
      case .barred(let words):
        return [.blind(words, fix: "sudo vendctl doctor")]
      case .silent(let words):
        return [
          .failure(
            "vendd holds the machine and does not answer: \(words)",
            fix: "sudo systemctl restart vendd")
        ]
      }
    }
  }

  private static var selling: Check {
    machine("configuration.selling", .configuration, "sales") { _, examination in
      guard let status = examination.daemon.status else {
        return [.skipped("only the running daemon knows")]
      }
      if status.sells { return [.ok("the machine sells")] }
      if let order = status.order, status.faults.isEmpty {
        return [.ok("a sale is under way: \(status.state), order \(order)")]
      }
      return [
        .failure("the machine does not sell; see the faults", fix: "vendctl faults")
      ]
        + status.faults.map { fault in
          .failure(
            "\(fault.code) \(fault.words)", fix: Words.remedy(code: fault.code),
            of: fault.subject.isEmpty ? fault.code : "\(fault.code) \(fault.subject)")
        }
    }
  }

  private static var model: Check {
    machine("board.model", .board, "board") { machine, examination in
      let wanted = machine.board.model
      guard !wanted.isEmpty else {
        return [.ok("\(machine.board.name); its board file asks for no model")]
      }
      switch examination.site.read("/proc/device-tree/model") {
      case .success(let bytes):
        let found = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        return found.contains(wanted)
          ? [.ok(found)]
          : [
            .failure(
              "this is \"\(found)\"; the board file is for \"\(wanted)\"",
              fix: "name this board's file in \(examination.path)")
          ]
      case .failure:
        return [
          .failure(
            "this computer names no model; the board file is for \"\(wanted)\"",
            fix: "name this board's file in \(examination.path)")
        ]
      }
    }
  }
}

extension SystemError {
  /// Whether it is for want of permission (EACCES, EPERM).
  var isPermission: Bool { code == 13 || code == 1 }
  /// Whether nothing is there (ENOENT).
  var isAbsence: Bool { code == 2 }
}
