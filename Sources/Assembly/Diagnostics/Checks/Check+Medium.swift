internal import MachineFiles
internal import Control
internal import Inspection
internal import Platform
internal import Timing
internal import Vending

// What the state directory lies on: file system, wear, speed.
extension Check {
  static var mediumChecks: [Check] { [mount, medium, wear, sync] }

  /// The mount that a path lies on: the longest that is a beginning of it (proc(5), `mounts`).
  struct Mount: Hashable {
    var device: String
    var point: String
    var kind: String
    var options: [Substring]

    init?(of path: String, in text: String) {
      var best: Mount?
      for line in text.split(separator: "\n") {
        let fields = line.split(separator: " ")
        guard fields.count > 3 else { continue }
        let point = String(fields[1])
        let isAbove = path == point || point == "/" || path.hasPrefix("\(point)/")
        // Of two upon each other the later is seen.
        guard isAbove, point.utf8.count >= (best?.point.utf8.count ?? 0) else { continue }
        best = Mount(
          device: String(fields[0]), point: point, kind: String(fields[2]),
          options: fields[3].split(separator: ","))
      }
      guard let best else { return nil }
      self = best
    }

    private init(device: String, point: String, kind: String, options: [Substring]) {
      (self.device, self.point, self.kind, self.options) = (device, point, kind, options)
    }
  }

  private static func mount(_ machine: MachineConfiguration, _ site: Site) -> Mount? {
    Mount(of: machine.stateDirectory, in: site.text("/proc/mounts"))
  }

  private static var mount: Check {
    machine(
      "storage.mount", .storage, Bilingual("file system", "文件系统"), needs: ["storage.directory"]
    ) { machine, examination in
      guard let found = mount(machine, examination.site) else {
        return [.blind("no /proc/mounts", "没有 /proc/mounts")]
      }
      if found.options.contains("ro") {
        return [
          .failure(
            "readonly", "\(found.point) is mounted read-only", "\(found.point) 为只读挂载",
            fix: .both("sudo mount -o remount,rw \(found.point)"))
        ]
      }
      let (kind, point) = (found.kind, found.point)
      switch kind {
      case "tmpfs", "ramfs", "overlay":
        return [
          .warning(
            "volatile", "\(point) is \(kind): what is written may be gone after a power cut",
            "\(point) 为 \(kind)：断电后数据可能丢失",
            fix: Bilingual(
              "put state_directory on the card: sudo raspi-config nonint disable_overlayfs",
              "把 state_directory 放到存储卡上：sudo raspi-config nonint disable_overlayfs"))
        ]
      case "vfat", "exfat":
        return [
          .warning(
            "fragile", "\(point) is \(kind), which a power cut damages", "\(point) 为 \(kind)，断电易损坏",
            fix: Bilingual(
              "put state_directory on ext4: df -T", "把 state_directory 放到 ext4 分区：df -T"))
        ]
      default: return [.ok(.both("\(point) \(kind)"))]
      }
    }
  }

  private static var medium: Check {
    machine(
      "storage.medium", .storage, Bilingual("file system's errors", "文件系统错误"),
      needs: ["storage.directory"]
    ) { machine, examination in
      let site = examination.site
      guard let found = mount(machine, site), found.kind == "ext4" else {
        return [.skipped("only ext4 counts them", "仅 ext4 有统计")]
      }
      // The kernel may say /dev/root; then every ext4 of this computer is looked at.
      let name = String(found.device.split(separator: "/").last ?? "")
      let names = site.list("/sys/fs/ext4").filter { $0 == name || name == "root" }
      let counts = names.compactMap { site.number("/sys/fs/ext4/\($0)/errors_count") }
      guard !counts.isEmpty else { return [.skipped("the kernel does not tell", "内核未提供")] }
      let count = counts.reduce(0, +)
      return count == 0
        ? [.ok("none", "没有")]
        : [
          .failure(
            "errors", "\(count) errors: the medium or the file system is damaged",
            "\(count) 个错误：存储卡或文件系统已损坏",
            fix: Bilingual(
              "keep a copy of \(machine.stateDirectory), replace the card; "
                + "sudo dmesg | grep -i ext4",
              "备份 \(machine.stateDirectory)，更换存储卡；sudo dmesg | grep -i ext4"))
        ]
    }
  }

  /// An eMMC tells its life in tenths, 1 for the first and 11 for one that is over (JEDEC 84-B51);
  /// an SD card tells nothing.
  private static var wear: Check {
    general("storage.wear", .storage, Bilingual("wear", "磨损")) { examination in
      let site = examination.site
      let told = site.list("/sys/block").filter { $0.hasPrefix("mmcblk") }.compactMap { name in
        site.line("/sys/block/\(name)/device/life_time").map { (name, $0) }
      }
      let tenths = told.flatMap { name, text in
        text.split(separator: " ").compactMap { Int($0.drop { $0 == "0" || $0 == "x" }, radix: 16) }
          .map { (name, $0) }
      }
      guard let (name, most) = tenths.max(by: { $0.1 < $1.1 }), most > 0 else {
        return [.skipped("the medium does not tell", "存储卡未提供")]
      }
      let (english, chinese) = (
        "\(name): \(min(most, 11) * 10 - 10) to \(min(most, 11) * 10) % used",
        "\(name)：已用 \(min(most, 11) * 10 - 10) 至 \(min(most, 11) * 10) %"
      )
      let fix = Bilingual(
        "replace the medium soon; keep a copy of /var/lib/vend", "尽快更换存储介质；备份 /var/lib/vend")
      if most >= 11 { return [.failure("over", english, chinese, fix: fix)] }
      return most >= 9
        ? [.warning("worn", english, chinese, fix: fix)] : [.ok(english, chinese)]
    }
  }

  private static var sync: Check {
    machine(
      "storage.sync", .storage, Bilingual("disk's speed", "写盘速度"), needs: ["storage.directory"]
    ) { machine, examination in
      if examination.daemon.status?.order != nil {
        return [.skipped("not beside a sale", "交易进行中，不测")]
      }
      switch examination.site.syncTime(machine.stateDirectory) {
      case .failure(let error) where error.isPermission:
        return [.skipped("not ours to write", "无权写入")]
      case .failure(let error):
        return [.skipped("not to be measured: \(error)", "无法测量：\(error)")]
      case .success(let time):
        let (whole, words) = (time.wholeMilliseconds, "\(time.wholeMilliseconds) ms")
        let fix = Bilingual(
          "use a card of class A1 or better, or an SSD", "使用 A1 级以上存储卡或固态硬盘")
        return whole > 500
          ? [.warning("slow", words, "\(words)，偏慢", fix: fix)] : [.ok(.both(words))]
      }
    }
  }
}
