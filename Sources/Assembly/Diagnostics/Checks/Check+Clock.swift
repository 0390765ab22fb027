internal import MachineFiles
internal import Control
internal import Inspection
internal import Ordering
internal import Timing
internal import Vending

// This computer's time: orders expire by it, and v3 signs by it.
extension Check {
  static var clockChecks: [Check] {
    [
      realTimeClock, sane, synchronised, skew,
      faults("clock.faults", .clock, Bilingual("clock for selling", "销售用时钟"), .clockWrong),
    ]
  }

  /// The chip's time, in seconds since the epoch.
  private static let chip = "/sys/class/rtc/rtc0/since_epoch"

  private static var realTimeClock: Check {
    general("clock.rtc", .clock, Bilingual("real-time clock", "硬件时钟")) { examination in
      guard let seconds = examination.site.number(chip) else {
        return [
          .ok(
            "none: after a power cut the network's time is waited for", "没有：断电后等待网络对时")
        ]
      }
      let time = WallTime(seconds: seconds)
      let apart = (time - examination.time).wholeSeconds.magnitude
      let isLost = ClockJudgement(at: examination.time, skew: nil) != .good
      guard time >= ClockJudgement.earliest else {
        // With the network's time the machine sells all the same; without it this is why not.
        return [
          Finding(
            isLost ? .failure : .warning, code: "lost",
            Bilingual(
              "it says \(time.rfc3339): its battery is empty", "显示 \(time.rfc3339)：电池耗尽"),
            fix: Bilingual(
              "replace its battery, then: sudo hwclock --systohc",
              "更换电池，然后：sudo hwclock --systohc"))
        ]
      }
      if isLost { return [.ok(.both(time.rfc3339))] }
      return apart > 600
        ? [
          .warning(
            "apart", "\(Words.time(seconds: Int64(apart)).english) away from the clock",
            "与系统时间相差 \(Words.time(seconds: Int64(apart)).chinese)",
            fix: .both("timedatectl; sudo hwclock --systohc"))
        ] : [.ok("agrees with the clock", "与系统时间一致")]
    }
  }

  private static var sane: Check {
    general("clock.sane", .clock, Bilingual("clock", "系统时间")) { examination in
      let time = examination.time
      guard ClockJudgement(at: time, skew: nil) == .good, time < WallTime(seconds: 4_102_444_800)
      else {
        return [
          .failure(
            "lost", "it says \(time.rfc3339)", "系统时间为 \(time.rfc3339)",
            fix: .both("sudo timedatectl set-ntp true; sudo date -s 'YYYY-MM-DD hh:mm:ss'"))
        ]
      }
      return [.ok(.both(time.rfc3339))]
    }
  }

  private static var synchronised: Check {
    general("clock.synchronised", .clock, Bilingual("time synchronisation", "网络对时")) {
      examination in
      let asked = examination.site.run("timedatectl", ["show", "-p", "NTPSynchronized", "--value"])
      switch asked {
      case .success(let output) where output.code == 0:
        return output.text.hasPrefix("yes")
          ? [.ok("synchronised", "已同步")]
          : [
            .warning(
              "off", "not synchronised with a time server", "未与时间服务器同步",
              fix: .both("sudo timedatectl set-ntp true; timedatectl timesync-status"))
          ]
      case .success, .failure:
        return [.skipped("timedatectl does not answer on this computer", "本机 timedatectl 无应答")]
      }
    }
  }

  private static var skew: Check {
    machine(
      "clock.skew", .clock, Bilingual("clock against the provider's", "与支付平台的时差"),
      limit: .seconds(12)
    ) { machine, examination in
      let skew: Duration?
      if let status = examination.daemon.status {
        skew = status.clockSkewMilliseconds.map { .milliseconds($0) }
      } else if let payment = machine.payment,
        examination.site.refusal(payment.keyFile, false) == nil,
        case .signed(let found) = examination.probe(machine)
      {
        skew = found
      } else {
        skew = nil
      }
      guard let skew else {
        return [
          .skipped("no answer has told the provider's time yet", "尚未从应答得知支付平台的时间")
        ]
      }
      return [distance(skew, at: examination.time)]
    }
  }

  /// How far the provider's clock is from ours.
  static func distance(_ skew: Duration, at time: WallTime) -> Finding {
    let seconds = skew.wholeMilliseconds.magnitude / 1000
    let isAhead = skew < .zero
    let english = "\(seconds) s \(isAhead ? "ahead of" : "behind") the provider's"
    let chinese = "比支付平台\(isAhead ? "快" : "慢") \(seconds) 秒"
    let fix = Bilingual.both("sudo timedatectl set-ntp true; timedatectl timesync-status")
    if case .apart = ClockJudgement(at: time, skew: skew) {
      return .failure("apart", english, chinese, fix: fix)
    }
    return seconds > 30
      ? .warning("drifts", english, chinese, fix: fix) : .ok(english, chinese)
  }
}
