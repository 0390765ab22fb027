import Control
import Inspection
import Ordering
import Platform
import Timing
import Vending

@testable import Diagnostics
@testable import MachineFiles

// What is around the machine: its disk, its network, its merchant, its computer.
extension Scene {
  static let disks = [
    Scene("full-disk", "storage.space.full") { scene in
      scene.site.freeBytes = { _ in .success(0) }
      scene.site.freeFiles = { _ in .success(0) }
      scene.site.syncTime = { .failure(SystemError("write", $0, code: 28)) }
      scene.daemon = faults(.journalUnwritable)
    },
    Scene("no-inodes", "storage.inodes.full") { scene in
      scene.site.freeFiles = { _ in .success(3) }
      scene.daemon = faults(.journalUnwritable)
    },
    Scene("read-only", "storage.mount.readonly") { scene in
      scene.write("/proc/mounts", "/dev/mmcblk0p2 / ext4 ro,noatime 0 0\n")
      scene.daemon = faults(.journalUnwritable)
    },
    Scene("damaged-journal", "storage.board.damaged") { scene in
      let known = scene.site.store
      scene.site.store = {
        $1 == .board
          ? .failure(ProbeError("damaged: record 7 does not add up", code: "damaged"))
          : known($0, $1)
      }
      scene.daemon = faults(.journalCorrupt)
    },
    Scene("newer-journal", "storage.board.newer") { scene in
      scene.stop()
      let known = scene.site.store
      scene.site.store = {
        $1 == .board ? .failure(ProbeError("layout 9", code: "newer")) : known($0, $1)
      }
    },
    Scene("root-owned", "storage.owner.foreign") { scene in
      scene.stop()
      scene.set("/var/lib/vend/vendd.lock", Computer.facts(.file, 0o600, user: 0))
    },
    Scene("worn-card", "storage.medium.errors") { scene in
      scene.write("/sys/fs/ext4/mmcblk0p2/errors_count", "12\n")
      scene.write("/sys/block/mmcblk0/device/life_time", "0x0a 0x01\n")
      scene.site.store = { _, _ in .failure(ProbeError("disk I/O error", code: "unreadable")) }
      scene.site.debts = { _ in .failure(ProbeError("disk I/O error", code: "unreadable")) }
      scene.daemon = faults(.journalUnwritable)
    },
    Scene("volatile", "storage.mount.volatile") {
      $0.write("/proc/mounts", "overlay / overlay rw 0 0\n")
    },
  ]

  // MARK: Network

  private static func cut(_ scene: inout Healthy.Case, _ leg: ReachFailure.Leg, _ words: String) {
    if leg == .name { scene.site.resolve = { _ in .failure(ReachFailure(.name, words)) } }
    scene.site.reach = { _, _ in .failure(ReachFailure(leg, words)) }
    let cause: Doubt.Cause = leg == .name ? .nameNotResolved : .unreachable
    scene.site.probe = { _ in .doubt(Doubt(cause, words)) }
    scene.daemon = faults(leg == .name ? .nameNotResolved : .coreUnreachable)
  }

  static let networks = [
    Scene("no-cable", "network.interface.down") { scene in
      cut(&scene, .name, "Temporary failure in name resolution")
      scene.site.interfaces = {
        .success([NetworkInterface(name: "eth0", isRunning: false, addresses: [])])
      }
      scene.write("/proc/net/route", "Iface\n")
      let run = scene.site.run
      scene.site.run = {
        $0 == "timedatectl" ? .success(Command.Output(code: 0, text: "no\n")) : run($0, $1)
      }
    },
    Scene("no-route", "network.route.none") { scene in
      cut(&scene, .name, "Temporary failure in name resolution")
      scene.write("/proc/net/route", "Iface\n")
    },
    Scene("router-dead", "network.gateway.silent") { scene in
      cut(&scene, .connection, "connect: No route to host")
      scene.write(
        "/proc/net/arp", "IP address HW type Flags\n192.168.0.1 0x1 0x0 00:00:00:00:00:00 * eth0\n")
    },
    Scene("dns-broken", "network.name.unknown") { scene in
      cut(&scene, .name, "api.mch.weixin.qq.com: Name or service not known")
    },
    Scene("no-nameserver", "network.resolver.none") { scene in
      cut(&scene, .name, "Temporary failure in name resolution")
      scene.write("/etc/resolv.conf", "# empty\n")
    },
    Scene("provider-down", "network.connection.refused") { scene in
      cut(&scene, .connection, "connect 192.0.2.10:443: Connection refused")
    },
    Scene("captive-portal", "network.portal.login") { scene in
      scene.site.redirect = { _ in "http://login.hotel.example/" }
      scene.site.reach = { _, _ in
        var portal = Healthy.certificate
        portal.issuer = "CN=hotel"
        return .success(
          ServerSight(
            address: "192.0.2.10:443", version: "TLSv1.2", refusal: "self-signed certificate",
            certificate: portal))
      }
      scene.site.probe = { _ in .doubt(Doubt(.tls, "self-signed certificate")) }
      scene.daemon = faults(.coreUntrusted)
    },
    Scene("wrong-clock", "clock.sane.lost") { scene in
      scene.time = WallTime(seconds: 100)
      scene.write("/sys/class/rtc/rtc0/since_epoch", "")
      scene.site.reach = { _, _ in
        .success(
          ServerSight(
            address: "192.0.2.10:443", version: "TLSv1.3",
            refusal: "certificate is not yet valid", certificate: Healthy.certificate))
      }
      scene.site.probe = { _ in .doubt(Doubt(.tls, "certificate is not yet valid")) }
      scene.daemon = faults(.clockWrong, .coreUntrusted)
    },
    Scene("empty-battery", "clock.rtc.lost") { scene in
      scene.time = WallTime(seconds: 100)
      scene.write("/sys/class/rtc/rtc0/since_epoch", "96\n")
      scene.daemon = faults(.clockWrong)
    },
    Scene("clock-apart", "clock.skew.apart") { scene in
      scene.daemon = .running(
        Healthy.status(
          faults: [
            MachineStatus.FaultLine(
              code: "C1", subject: "", words: "the clock is wrong", sinceMilliseconds: 0)
          ], sells: false, skew: -300_000))
    },
    Scene("wrong-ca", "tls.chain.untrusted") { scene in
      scene.site.reach = { _, _ in
        .success(
          ServerSight(
            address: "192.0.2.10:443", version: "TLSv1.3",
            refusal: "unable to get local issuer certificate", certificate: Healthy.certificate))
      }
      scene.site.probe = { _ in .doubt(Doubt(.tls, "unable to get local issuer certificate")) }
      scene.daemon = faults(.coreUntrusted)
    },
  ]

  // MARK: The merchant

  static let accounts = [
    Scene("certificate-expired", "credentials.certificate.expired") { scene in
      scene.site.certificate = { _ in
        var certificate = Healthy.certificate
        certificate.notAfter = Healthy.time + .seconds(-86_400)
        return .success(certificate)
      }
      scene.daemon = faults(.refundStuck)
    },
    Scene("wrong-key", "core.probe.badSignature") { scene in
      scene.site.probe = { _ in .doubt(Doubt(.badSignature, "the sign does not verify")) }
      scene.daemon = faults(.coreAnswersBadly)
    },
    Scene("short-key", "credentials.key.malformed") { scene in
      scene.write("/etc/vend/credentials/api-key", "8934e7d15453e97507ef794cf7b0519\n")
      scene.daemon = faults(.coreAnswersBadly)
    },
    Scene("open-key", "credentials.key.open") {
      $0.set("/etc/vend/credentials/api-key", Computer.facts(.file, 0o644))
    },
    Scene("no-pair", "credentials.pair.other") { scene in
      scene.site.isPair = { _, _ in .success(false) }
      scene.daemon = faults(.refundStuck)
    },
    Scene("merchant-refused", "core.probe.refused") { scene in
      scene.site.probe = { _ in
        .refused(Refusal(code: "APPID_NOT_EXIST", words: "appid不存在", reaction: .stopAndAlarm))
      }
      scene.daemon = faults(.merchantRefused)
    },
  ]

  // MARK: The computer

  static let computers = [
    Scene("wrong-board", "board.model.other") {
      $0.write("/proc/device-tree/model", "Orange Pi Zero3\u{0}")
    },
    Scene("hot-board", "board.temperature.hot") { scene in
      scene.write("/sys/class/thermal/thermal_zone0/temp", "86500\n")
      scene.write("/proc/loadavg", "31.5 28.0 20.1 9/200 1\n")
      let run = scene.site.run
      scene.site.run = {
        $0 == "vcgencmd"
          ? .success(Command.Output(code: 0, text: "throttled=0xe000e\n")) : run($0, $1)
      }
    },
    Scene("old-kernel", "kernel.version.old") {
      $0.write("/proc/sys/kernel/osrelease", "4.19.97-v7l+\n")
    },
    Scene("no-memory", "memory.available.out") { scene in
      scene.write("/proc/meminfo", "MemAvailable: 9000 kB\n")
      scene.write("/proc/vmstat", "oom_kill 4\n")
      scene.unit("NRestarts=0", "NRestarts=4")
    },
    Scene("changed-unit", "systemd.shipped.changed") { scene in
      scene.write("/usr/lib/systemd/system/vendd.service", "[Service]\nExecStart=/usr/bin/vendd\n")
    },
    Scene("default-password", "security.password.default") {
      $0.set("/run/sshwarn", Computer.facts(.file, 0o644, user: 0))
    },
    Scene("telnet", "security.ports.open") {
      $0.write("/proc/net/tcp", "sl\n 0: 00000000:0017 00000000:0000 0A\n")
    },
    Scene("no-service-code", "security.service-code.none") { scene in
      scene.machine.service = MachineConfiguration.Service(
        codeFile: "/etc/vend/credentials/service-code", timeout: .seconds(120))
      scene.write("/etc/vend/credentials/service-code", "missing\n")
    },
    Scene("open-service-code", "security.service-code.open") { scene in
      let path = "/etc/vend/credentials/service-code"
      scene.machine.service = MachineConfiguration.Service(
        codeFile: path, timeout: .seconds(120))
      scene.write(path, "pbkdf2-sha256:60000:00112233445566778899aabbccddeeff:\(hash)\n")
      scene.set(path, Computer.facts(.file, 0o644))
    },
    Scene("telemetry-down", "systemd.telemetry.inactive") { scene in
      scene.machine.telemetry = telemetry
      telemetryUnit(&scene, "failed")
    },
    Scene("telemetry-mute", "systemd.telemetry.file") { scene in
      scene.machine.telemetry = telemetry
      telemetryUnit(&scene, "active")
    },
    Scene("no-broker", "systemd.telemetry.broker") { scene in
      scene.machine.telemetry = telemetry
      scene.machine.telemetry?.prometheusFile = nil
      let resolve = scene.site.resolve
      scene.site.resolve = {
        $0 == "broker.example" ? .failure(ReachFailure(.name, "not known")) : resolve($0)
      }
      telemetryUnit(&scene, "active")
    },
  ]

  private static let hash = String(repeating: "5a", count: 32)

  private static let telemetry = MachineConfiguration.Telemetry(
    interval: .seconds(15), prometheusFile: "/var/lib/prometheus/node-exporter/vend.prom",
    mqtt: MachineConfiguration.Telemetry.MQTT(
      host: "broker.example", port: 8883, usesTLS: true, caFile: nil, user: nil,
      passwordFile: nil, topic: "vend", discovery: "homeassistant"))

  private static func telemetryUnit(_ scene: inout Healthy.Case, _ state: String) {
    let run = scene.site.run
    scene.site.run = { program, arguments in
      arguments.last == "vend-telemetry.service"
        ? .success(Command.Output(code: 0, text: "ActiveState=\(state)\n"))
        : run(program, arguments)
    }
  }
}

extension Healthy.Case {
  /// Has systemd say something else of the unit.
  mutating func unit(_ from: String, _ to: String) {
    let known = site.run
    site.run = { program, arguments in
      let answer = known(program, arguments)
      guard program == "systemctl", case .success(let output) = answer else { return answer }
      return .success(
        Command.Output(code: output.code, text: output.text.replacing(from, with: to)))
    }
  }
}
