internal import MachineFiles
internal import Inspection
internal import Vending

// This computer's own network, before anybody else is asked.
extension Check {
  static var networkChecks: [Check] {
    [interface, wireless, errors, route, gateway, resolver]
  }

  /// A provider on the loopback needs neither interface nor route.
  static func isLocal(_ machine: MachineConfiguration) -> Bool {
    let host = Endpoint(machine).host
    return host == "localhost" || host.hasPrefix("127.")
  }

  private static let here = Finding.ok("the provider is on this computer", "支付平台就在本机")

  private static var interface: Check {
    machine("network.interface", .network, Bilingual("network interface", "网络接口")) {
      machine, examination in
      if isLocal(machine) { return [here] }
      switch examination.site.interfaces() {
      case .failure(let error): return [.blind("\(error)", "\(error)", fix: .both("ip link"))]
      case .success(let interfaces):
        let running = interfaces.filter { $0.isRunning && !$0.addresses.isEmpty }
        if let first = running.first {
          return [.ok(.both("\(first.name) \(first.addresses.joined(separator: " "))"))]
        }
        let name = interfaces.first?.name ?? "eth0"
        guard !interfaces.isEmpty else {
          return [
            .failure(
              "none", "no interface but the loopback", "没有网络接口",
              fix: Bilingual(
                "plug the network card in, then: ip link", "插好网卡，然后：ip link"))
          ]
        }
        func words(_ down: String, _ bare: String) -> String {
          interfaces.map { "\($0.name) \($0.isRunning ? bare : down)" }.joined(separator: ", ")
        }
        return [
          .failure(
            "down", words("is down", "is without address"), words("未连接", "没有地址"),
            fix: Bilingual(
              "check the cable, SIM or Wi-Fi, then: sudo ip link set \(name) up; ip address",
              "检查网线、SIM 卡或 Wi-Fi，然后：sudo ip link set \(name) up; ip address"))
        ]
      }
    }
  }

  /// Below this a radio loses packets; in dBm.
  private static let weak = -75.0

  private static var wireless: Check {
    general("network.wireless", .network, Bilingual("radio signal", "无线信号")) { examination in
      let lines = examination.site.text("/proc/net/wireless").split(separator: "\n").dropFirst(2)
      guard let line = lines.first else { return [.skipped("no radio", "没有无线网卡")] }
      let fields = line.split(whereSeparator: \.isWhitespace)
      guard fields.count > 3, let level = Double(String(fields[3].prefix { $0 != "." })) else {
        return [.skipped("the card does not tell", "网卡未提供")]
      }
      let name = fields[0].prefix { $0 != ":" }
      let words = "\(name) \(Int(level)) dBm"
      return level < weak
        ? [
          .warning(
            "weak", words, "\(words)，信号弱",
            fix: Bilingual(
              "move the antenna or use a cable, then: iw dev \(name) link",
              "移动天线或改用网线，然后：iw dev \(name) link"))
        ] : [.ok(.both(words))]
    }
  }

  private static var errors: Check {
    general("network.errors", .network, Bilingual("damaged packets", "坏包")) { examination in
      let site = examination.site
      let folder = "/sys/class/net"
      for name in site.list(folder) where name != "lo" {
        let statistics = "\(folder)/\(name)/statistics"
        guard let errors = site.number("\(statistics)/rx_errors"),
          let packets = site.number("\(statistics)/rx_packets"), packets > 1000
        else { continue }
        if errors * 100 > packets {
          return [
            .warning(
              "many", "\(name): \(errors) of \(packets) packets came damaged",
              "\(name)：\(packets) 个包中有 \(errors) 个损坏",
              fix: Bilingual(
                "change the cable, then: ip -s link show \(name)",
                "更换网线，然后：ip -s link show \(name)"))
          ]
        }
      }
      return [.ok("few or none", "很少或没有")]
    }
  }

  private static func way(_ examination: Examination) -> String? {
    NetworkFacts.defaultRoute(
      four: examination.site.text("/proc/net/route"),
      six: examination.site.text("/proc/net/ipv6_route"))
  }

  private static var route: Check {
    machine(
      "network.route", .network, Bilingual("default route", "默认路由"),
      needs: ["network.interface"]
    ) { machine, examination in
      if isLocal(machine) { return [here] }
      if let interface = way(examination) { return [.ok("by \(interface)", "经 \(interface)")] }
      return [
        .failure(
          "none", "no default route: no way out of the local network", "没有默认路由：无法访问外网",
          fix: .both("ip route; sudo networkctl renew eth0 || sudo dhclient -v"))
      ]
    }
  }

  private static var gateway: Check {
    machine(
      "network.gateway", .network, Bilingual("gateway", "网关"), needs: ["network.route"]
    ) { machine, examination in
      if isLocal(machine) { return [here] }
      guard
        let address = NetworkFacts.gateway(
          four: examination.site.text("/proc/net/route"))
      else { return [.skipped("none of IPv4", "没有 IPv4 网关")] }
      // Flag 2 is a complete entry (ATF_COM of arp(7)); without an entry nobody has asked lately.
      let entry = examination.site.text("/proc/net/arp").split(separator: "\n").dropFirst().first {
        $0.split(separator: " ").first.map(String.init) == address
      }
      let fields = entry?.split(separator: " ") ?? []
      guard fields.count > 2, fields[2] == "0x0" else {
        return [.ok(.both(address))]
      }
      return [
        .failure(
          "silent", "\(address) does not answer on the cable", "\(address) 在本地网络中无应答",
          fix: Bilingual(
            "restart the router, then: ping -c 3 \(address)", "重启路由器，然后：ping -c 3 \(address)"))
      ]
    }
  }

  private static var resolver: Check {
    machine("network.resolver", .network, Bilingual("name servers", "域名服务器")) {
      machine, examination in
      if isLocal(machine) { return [here] }
      let servers = examination.site.text("/etc/resolv.conf").split(separator: "\n").compactMap {
        let fields = $0.split(whereSeparator: \.isWhitespace)
        return fields.count > 1 && fields[0] == "nameserver" ? String(fields[1]) : nil
      }
      return servers.isEmpty
        ? [
          .failure(
            "none", "/etc/resolv.conf names no name server", "/etc/resolv.conf 中没有域名服务器",
            fix: .both("echo nameserver 223.5.5.5 | sudo tee -a /etc/resolv.conf"))
        ] : [.ok(.both(servers.joined(separator: " ")))]
    }
  }
}
