internal import MachineFiles
internal import Control
internal import Vending

// What moves and is pressed: the daemon's word, or a look of our own while nobody else has it.
extension Check {
  static var partChecks: [Check] {
    [
      faults("keypad.alive", .keypad, Bilingual("keypad", "键盘"), .keypadLost) {
        part($0, $1) { _ in nil }
      },
      faults("keypad.stuck", .keypad, Bilingual("stuck keys", "卡键"), .keyStuck) {
        part($0, $1) { sight in
          sight.keysDown.isEmpty
            ? nil
            : .failure(
              "K2", "down though nobody presses: \(sight.keysDown.joined(separator: " "))",
              "无人按压却处于按下状态：\(sight.keysDown.joined(separator: " "))",
              fix: Fault.Code.keyStuck.cure)
        }
      },
      keys,
      faults("relays.off", .relays, Bilingual("relays off", "继电器断开"), .relayStuckOn) {
        part($0, $1) { sight in
          sight.relaysOn.isEmpty
            ? nil
            : .failure(
              "R2", "read on although switched off: \(sight.relaysOn.joined(separator: " "))",
              "断开后仍读到接通：\(sight.relaysOn.joined(separator: " "))",
              fix: Fault.Code.relayStuckOn.cure)
        }
      },
      faults("relays.switching", .relays, Bilingual("relays on", "继电器接通"), .relayRefused) {
        _, _ in
        [
          .skipped(
            "nothing is moved; to test: vendctl test relay LANE --fire",
            "检查时不动作；测试：vendctl test relay LANE --fire")
        ]
      },
      faults("sensor.idle", .sensor, Bilingual("drop sensor", "掉货传感器"), .sensorBlocked) {
        machine, examination in
        guard machine.usesDropSensor else { return [.skipped("not fitted", "未安装")] }
        return part(machine, examination) { sight in
          sight.isSensorBlocked != true
            ? nil
            : .failure(
              "S1", "its beam is broken, though nothing falls", "没有掉货，但光束被遮挡",
              fix: Fault.Code.sensorBlocked.cure)
        }
      },
      faults("sensor.late", .sensor, Bilingual("late drops", "超时掉货"), .lateDrop),
      door,
      faults(
        "lanes.open", .lanes, Bilingual("lanes", "货道"), .salesFail, .allLanesClosed,
        .laneClosed),
      stock,
    ]
  }

  /// A part that we look at ourselves, where nobody else has it.
  private static func part(
    _ machine: MachineConfiguration, _ examination: Examination,
    _ judge: (PartsSight) -> Finding?
  ) -> [Finding] {
    switch examination.parts(machine) {
    case nil: [.skipped("somebody else has the lines", "线路被占用")]
    case .failure(let error):
      // Whose the lines are is told by the rows of the lines.
      [.skipped("the lines cannot be taken: \(error)", "无法使用线路：\(error)")]
    case .success(let sight): [judge(sight) ?? .ok("as it should be", "正常")]
    }
  }

  private static var door: Check {
    machine("sensor.door", .sensor, Bilingual("door", "机门")) { machine, examination in
      guard machine.board.door != nil else { return [.skipped("not fitted", "未安装")] }
      if let status = examination.daemon.status {
        let found = standing(.doorOpen, in: status)
        return found.isEmpty ? [.ok("closed", "已关")] : found
      }
      return part(machine, examination) { sight in
        sight.isDoorOpen != true
          ? nil : .warning("O1", "it is open", "机门打开", fix: Fault.Code.doorOpen.cure)
      }
    }
  }

  private static var keys: Check {
    machine("keypad.keys", .keypad, Bilingual("keys", "按键")) { machine, _ in
      let legends = Set(machine.board.keypad.keys.joined().filter { !$0.isEmpty })
      let policy = machine.policy
      let wanted =
        machine.lanes.map(\.code).joined().map(String.init)
        + [policy.cancelKey, policy.confirmKey]
      let missing = Set(wanted).subtracting(legends).sorted()
      guard !missing.isEmpty else {
        return [.ok("\(legends.count) keys reach every lane", "\(legends.count) 个按键可选全部货道")]
      }
      let words = missing.joined(separator: " ")
      return [
        .failure(
          "missing", "no key \(words) on the keypad, and a lane needs it", "键盘没有按键 \(words)，但货道需要",
          fix: Bilingual("correct keypad.keys in the board file", "修正板卡文件中的 keypad.keys"))
      ]
    }
  }

  private static var stock: Check {
    machine("lanes.stock", .lanes, Bilingual("stock", "库存")) { _, examination in
      guard let status = examination.daemon.status else {
        return [.skipped("only the running daemon knows", "只有运行中的 vendd 知道")]
      }
      let empty = status.lanes.filter { $0.stock == 0 }.map(\.code)
      guard let first = empty.first else { return [.ok("nothing is sold out", "没有售罄")] }
      return [
        .warning(
          "empty", "sold out: \(Words.few(empty))", "已售罄：\(Words.few(empty))",
          fix: Bilingual(
            "fill the lane, then: vendctl refill \(first)", "补货后：vendctl refill \(first)"))
      ]
    }
  }
}
