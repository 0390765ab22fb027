internal import MachineFiles
internal import Control
internal import Inspection
internal import Ordering
internal import Timing
internal import Vending

// The way to the provider, leg by leg: the first that fails is the cause of the rest.
extension Check {
  static var networkChecks: [Check] {
    [
      sane, synchronised, skew, interface, route, name, connection, authority, certificate, expiry,
      core,
    ]
  }

  // MARK: Clock

  private static var sane: Check {
    general("clock.sane", .clock, "clock") { examination in
      let time = examination.time
      guard ClockJudgement(at: time, skew: nil) == .good, time < WallTime(seconds: 4_102_444_800)
      else {
        return [
          .failure(
            "it says \(time.rfc3339)",
            fix: "sudo timedatectl set-ntp true; or set it: sudo date -s 'YYYY-MM-DD hh:mm:ss'")
        ]
      }
      return [.ok(time.rfc3339)]
    }
  }

  private static var synchronised: Check {
    general("clock.synchronised", .clock, "time synchronisation") { examination in
      let asked = examination.site.run("timedatectl", ["show", "-p", "NTPSynchronized", "--value"])
      switch asked {
      case .success(let output) where output.code == 0:
        return output.text.hasPrefix("yes")
          ? [.ok("synchronised")]
          : [
            .warning(
              "not synchronised with a time server",
              fix: "sudo timedatectl set-ntp true; timedatectl timesync-status")
          ]
      case .success, .failure:
        return [.skipped("timedatectl does not answer on this computer")]
      }
    }
  }

  private static var skew: Check {
    machine("clock.skew", .clock, "clock against the provider's", needs: ["core.probe"]) {
      machine, examination in
      let skew: Duration?
      if let status = examination.daemon.status {
        skew = status.clockSkewMilliseconds.map { .milliseconds($0) }
      } else if case .signed(let found) = examination.probe(machine) {
        skew = found
      } else {
        skew = nil
      }
      guard let skew else { return [.skipped("no answer has told the provider's time yet")] }
      return [distance(skew, at: examination.time)]
    }
  }

  /// How far the provider's clock is from ours.
  static func distance(_ skew: Duration, at time: WallTime) -> Finding {
    let seconds = skew.wholeMilliseconds.magnitude / 1000
    let words = "\(seconds) s \(skew < .zero ? "ahead of" : "behind") the provider's"
    let fix = "sudo timedatectl set-ntp true"
    if case .apart = ClockJudgement(at: time, skew: skew) { return .failure(words, fix: fix) }
    return seconds > 30 ? .warning(words, fix: fix) : .ok(words)
  }

  // MARK: Network

  /// A provider on the loopback needs neither interface nor route.
  private static func isLocal(_ endpoint: Endpoint) -> Bool {
    endpoint.host == "localhost" || endpoint.host.hasPrefix("127.")
  }

  private static var interface: Check {
    machine("network.interface", .network, "network interface") { machine, examination in
      if isLocal(Endpoint(machine.payment)) { return [.ok("the provider is on this computer")] }
      switch examination.site.interfaces() {
      case .failure(let error): return [.blind("\(error)", fix: "ip link")]
      case .success(let interfaces):
        let running = interfaces.filter { $0.isRunning && !$0.addresses.isEmpty }
        guard let first = running.first else {
          return [
            .failure(
              interfaces.isEmpty
                ? "no interface but the loopback"
                : interfaces.map { "\($0.name) is \($0.isRunning ? "without address" : "down")" }
                  .joined(separator: ", "),
              fix: "ip link; check the cable, SIM or Wi-Fi, then: sudo ip link set "
                + "\(interfaces.first?.name ?? "eth0") up")
          ]
        }
        return [.ok("\(first.name) \(first.addresses.joined(separator: " "))")]
      }
    }
  }

  private static var route: Check {
    machine("network.route", .network, "default route", needs: ["network.interface"]) {
      machine, examination in
      if isLocal(Endpoint(machine.payment)) { return [.ok("the provider is on this computer")] }
      let four = examination.site.text("/proc/net/route")
      let six = examination.site.text("/proc/net/ipv6_route")
      if let interface = NetworkFacts.defaultRoute(four: four, six: six) {
        return [.ok("by \(interface)")]
      }
      return [
        .failure(
          "no default route: no way out of the local network",
          fix: "ip route; renew the lease: sudo networkctl renew or sudo dhclient")
      ]
    }
  }

  private static var name: Check {
    machine(
      "network.name", .network, "provider's name", needs: ["network.route"], limit: .seconds(6)
    ) { machine, examination in
      let endpoint = Endpoint(machine.payment)
      if case .failure(let failure) = examination.reach(machine.payment), failure.leg == .name {
        return [
          .failure(
            "\(endpoint.host): \(failure.words)",
            fix: "resolvectl query \(endpoint.host); cat /etc/resolv.conf")
        ]
      }
      return [.ok(endpoint.host)]
    }
  }

  private static var connection: Check {
    machine(
      "network.connection", .network, "connection", needs: ["network.name"], limit: .seconds(6)
    ) { machine, examination in
      let endpoint = Endpoint(machine.payment)
      switch examination.reach(machine.payment) {
      case .success(let sight): return [.ok(sight.address)]
      case .failure(let failure) where failure.leg == .connection:
        return [
          .failure(failure.words, fix: "curl -v https://\(endpoint.host):\(endpoint.port)/")
        ]
      case .failure: return [.ok("\(endpoint.host):\(endpoint.port)")]
      }
    }
  }

  // MARK: TLS

  private static var authority: Check {
    machine("tls.authority", .tls, "CA file", needs: ["clock.sane"]) { machine, examination in
      guard let path = machine.payment.caFile else {
        let system = "/etc/ssl/certs/ca-certificates.crt"
        return examination.site.facts(system).isSuccess
          ? [.ok("the system's")]
          : [
            .failure("\(system) is not there", fix: "sudo apt-get install ca-certificates")
          ]
      }
      switch examination.site.certificate(path) {
      case .success(let sight): return [validity(sight, at: examination.time, path)]
      case .failure(let error):
        return [.failure(error.words, fix: "put the CA's certificate (PEM) into \(path)")]
      }
    }
  }

  private static var certificate: Check {
    machine(
      "tls.chain", .tls, "provider's certificate",
      needs: ["network.connection", "tls.authority", "clock.sane"], limit: .seconds(6)
    ) { machine, examination in
      switch examination.reach(machine.payment) {
      case .failure(let failure):
        return [.failure(failure.words, fix: "check the endpoint in \(examination.path)")]
      case .success(let sight):
        if let refusal = sight.refusal {
          let issuer = sight.certificate.map { ", issued by \($0.issuer)" } ?? ""
          return [
            .failure(
              "not trusted: \(refusal)\(issuer)",
              fix: "a captive portal or proxy in between? else check ca_file and the clock")
          ]
        }
        return [.ok("\(sight.version), trusted")]
      }
    }
  }

  private static var expiry: Check {
    machine("tls.expiry", .tls, "its expiry", needs: ["tls.chain"]) { machine, examination in
      guard case .success(let sight) = examination.reach(machine.payment),
        let certificate = sight.certificate
      else { return [.skipped("the server showed no certificate")] }
      let days = (certificate.notAfter - examination.time).wholeSeconds / 86_400
      return days < 7
        ? [
          .warning("\(days) days", fix: "the provider renews it: look again tomorrow")
        ] : [.ok("\(days) days")]
    }
  }

  // MARK: Core

  private static var core: Check {
    machine(
      "core.probe", .core, "provider",
      needs: ["network.connection", "tls.chain", "credentials.key"], limit: .seconds(10)
    ) { machine, examination in
      if examination.site.refusal(machine.payment.keyFile, false) != nil {
        return [
          examination.vouched(
            "the key is not ours to read", .coreUnreachable, .coreSilent, .coreUntrusted,
            .coreAnswersBadly, .merchantRefused, fix: "sudo vendctl doctor")
        ]
      }
      switch examination.probe(machine) {
      // "No such order" comes unsigned in v3, but to nobody whose signature is wrong.
      case .signed where machine.payment.v3 != nil:
        return [.ok("WeChat Pay took our signature: merchant, key and serial are right")]
      case .signed: return [.ok("signed answer: merchant, key and signature are right")]
      case .noAccount(let words):
        return [.failure(words, fix: "vendctl config check \(examination.path)")]
      case .refused(let refusal):
        return [
          .failure(
            "\(refusal.code) \(refusal.words)",
            fix: "check app_id, merchant_id and the merchant platform's settings")
        ]
      case .doubt(let doubt):
        return [
          .failure(
            "\(doubt.cause.rawValue): \(doubt.detail)",
            fix: Words.fix(doubt.cause, machine.payment))
        ]
      }
    }
  }
}
