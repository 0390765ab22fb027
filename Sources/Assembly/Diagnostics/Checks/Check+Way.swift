internal import MachineFiles
internal import Ordering
internal import Timing
internal import Vending

// The way to the provider, leg by leg. All legs are tried at once, since a technician waits; which
// failure is the cause and which its consequence stands in `CauseGraph`.
extension Check {
  static var wayChecks: [Check] {
    [
      name, connection, spare, portal,
      faults(
        "network.faults", .network, Bilingual("payment's network", "支付网络"), .nameNotResolved,
        .coreUnreachable, .coreSilent),
    ]
  }
  static var tlsChecks: [Check] {
    [
      authority, chain, expiry,
      faults("tls.faults", .tls, Bilingual("payment's trust", "支付连接信任"), .coreUntrusted),
    ]
  }

  private static var name: Check {
    machine(
      "network.name", .network, Bilingual("provider's name", "支付平台域名"),
      limit: .milliseconds(1600)
    ) { machine, examination in
      let host = Endpoint(machine).host
      switch examination.site.resolve(host) {
      case .success(let addresses): return [.ok(.both("\(host) \(addresses.first ?? "")"))]
      case .failure(let failure):
        return [
          .failure(
            "unknown", failure.words, "域名解析失败：\(failure.words)",
            fix: .both("resolvectl query \(host); cat /etc/resolv.conf"))
        ]
      }
    }
  }

  private static var connection: Check {
    machine(
      "network.connection", .network, Bilingual("connection", "连接"), limit: .seconds(6)
    ) { machine, examination in
      let endpoint = Endpoint(machine)
      switch examination.reach(machine) {
      case .success(let sight): return [.ok(.both(sight.address))]
      case .failure(let failure) where failure.leg == .connection || failure.leg == .name:
        return [
          .failure(
            failure.leg == .name ? "unknown" : "refused", failure.words,
            "无法连接：\(failure.words)",
            fix: .both("curl -v https://\(endpoint.host):\(endpoint.port)/"))
        ]
      case .failure: return [.ok(.both("\(endpoint.host):\(endpoint.port)"))]
      }
    }
  }

  /// WeChat's other host, asked when the first is out of reach (facts: WeChat Pay A.1).
  private static let spareHost = "api2.mch.weixin.qq.com"

  private static var spare: Check {
    machine(
      "network.spare", .network, Bilingual("provider's spare host", "支付备用域名"),
      limit: .milliseconds(1600)
    ) { machine, examination in
      guard let payment = machine.payment, payment.endpoint == nil else {
        return [.skipped("this endpoint has none", "该接入点没有备用域名")]
      }
      switch examination.site.resolve(spareHost) {
      case .success: return [.ok(.both(spareHost))]
      case .failure(let failure):
        return [
          .warning(
            "unknown", failure.words, "备用域名解析失败：\(failure.words)",
            fix: .both("resolvectl query \(spareHost)"))
        ]
      }
    }
  }

  private static var portal: Check {
    machine(
      "network.portal", .network, Bilingual("captive portal", "网页认证"),
      limit: .milliseconds(1600)
    ) { machine, examination in
      let host = Endpoint(machine).host
      if isLocal(machine) {
        return [.skipped("the provider is on this computer", "支付平台就在本机")]
      }
      // Whoever sends to the secure form of the same host is the host.
      let own = [host, ".qq.com"]
      guard let place = examination.site.redirect(host), !own.contains(where: place.contains)
      else {
        return [.ok("nobody answers in the provider's place", "没有网页认证拦截")]
      }
      return [
        .failure(
          "login", "this network wants a login first: \(place)", "该网络需要先登录：\(place)",
          fix: Bilingual(
            "log in with a browser, or have the board's address let through: ip -br link",
            "用浏览器登录，或请网络管理员放行本机地址：ip -br link"))
      ]
    }
  }

  // MARK: TLS

  private static let system = "/etc/ssl/certs/ca-certificates.crt"

  private static var authority: Check {
    machine("tls.authority", .tls, Bilingual("CA file", "CA 文件")) { machine, examination in
      guard let path = machine.caFile else {
        return examination.site.facts(system).isSuccess
          ? [.ok("the system's", "系统自带")]
          : [
            .failure(
              "absent", "\(system) is not there", "\(system) 不存在",
              fix: .both("sudo apt-get install --reinstall ca-certificates"))
          ]
      }
      switch examination.site.certificate(path) {
      case .success(let sight): return [validity(sight, at: examination.time, path)]
      case .failure(let error) where error.isPermission:
        return [examination.vouched(error.words, error.words, .coreUntrusted)]
      case .failure(let error):
        return [
          .failure(
            "unusable", error.words, "CA 文件不可用：\(error.words)",
            fix: Bilingual(
              "put the CA's certificate (PEM) into \(path)", "把 CA 证书（PEM）放入 \(path)"))
        ]
      }
    }
  }

  private static var chain: Check {
    machine("tls.chain", .tls, Bilingual("provider's certificate", "支付平台证书"), limit: .seconds(6)) {
      machine, examination in
      let endpoint = Endpoint(machine)
      let look = "openssl s_client -connect \(endpoint.host):\(endpoint.port) </dev/null"
      switch examination.reach(machine) {
      case .failure(let failure):
        return [
          .failure(
            failure.leg == .handshake ? "handshake" : "unreachable", failure.words,
            "无法建立 TLS：\(failure.words)", fix: .both(look))
        ]
      case .success(let sight):
        guard let refusal = sight.refusal else {
          return [.ok("\(sight.version), trusted", "\(sight.version)，可信")]
        }
        let issuer = sight.certificate?.issuer ?? "?"
        let isOver =
          sight.certificate.map {
            examination.time < $0.notBefore || examination.time > $0.notAfter
          } ?? false
        return [
          .failure(
            isOver ? "expired" : "untrusted", "not trusted: \(refusal), issued by \(issuer)",
            "不可信：\(refusal)，签发者 \(issuer)",
            fix: .both(
              isOver ? "date; \(look)" : "\(look) | head -20; grep ca_file \(examination.path)"))
        ]
      }
    }
  }

  private static var expiry: Check {
    machine(
      "tls.expiry", .tls, Bilingual("its expiry", "证书有效期"), needs: ["tls.chain"]
    ) { machine, examination in
      guard case .success(let sight) = examination.reach(machine),
        let certificate = sight.certificate
      else { return [.skipped("the server showed no certificate", "服务器未出示证书")] }
      let days = (certificate.notAfter - examination.time).wholeSeconds / 86_400
      return days < 7
        ? [
          .warning(
            "soon", "\(days) days", "剩余 \(days) 天",
            fix: Bilingual(
              "the provider renews it: look again tomorrow", "由支付平台更新：明天再检查"))
        ] : [.ok("\(days) days", "剩余 \(days) 天")]
    }
  }
}
