internal import Glibc
internal import MachineFiles

extension ServiceConfiguration {
  /// Reads the ports; TLS wherever there is a certificate, but where `http://` stands before an
  /// address that only this computer or a proxy reaches.
  static func readListen(_ root: ConfigurationTable) -> Listen {
    let table = root.table("listen")
    defer { table.refuseOthers() }
    let certificate = readCertificate(table)
    // Half a certificate is named by itself, and not by every port that lacks it.
    let wantsTLS = table.has("certificate_file") || table.has("key_file")
    let isBehindProxy = table.flag("behind_proxy", default: false)
    func port(_ key: String) -> Listen.Port? {
      guard let port = readPort(table, key, hasCertificate: wantsTLS) else { return nil }
      if !port.usesTLS, !port.isLoopback, !isBehindProxy {
        table.note(
          key, "would be plain HTTP: give certificate_file and key_file, or behind_proxy = true")
      }
      return port
    }
    let listen = Listen(
      machines: port("machines"), notices: port("notices"), console: port("console"),
      certificate: certificate, clientCAFile: table.optionalFilePath("client_ca_file"),
      isBehindProxy: isBehindProxy, showsMetrics: table.flag("metrics", default: false))
    check(listen, table, isBehindProxy: isBehindProxy)
    return listen
  }

  private static func check(
    _ listen: Listen, _ table: ConfigurationTable, isBehindProxy: Bool
  ) {
    if ["machines", "notices", "console"].allSatisfy({ !table.has($0) }) {
      table.note("machines", "is missing, and so are notices and console: at least one of them")
    }
    if isBehindProxy, listen.certificate != nil {
      table.note("behind_proxy", "goes without certificate_file: the proxy ends TLS")
    }
    if listen.showsMetrics, listen.console == nil {
      table.note("metrics", "goes with console, on whose port they are")
    }
    if listen.clientCAFile != nil, listen.machines?.usesTLS != true {
      table.note("client_ca_file", "goes with TLS on the machines' port")
    }
    let ports: [(key: String, port: Listen.Port?)] = [
      ("machines", listen.machines), ("notices", listen.notices), ("console", listen.console),
    ]
    for (index, (key, port)) in ports.enumerated() {
      guard let port, port.number != 0 else { continue }
      let other = ports[..<index].first {
        $0.port?.number == port.number && $0.port?.host == port.host
      }
      if let other { table.note(key, "is the port of \(other.key)") }
    }
  }

  private static func readCertificate(_ table: ConfigurationTable) -> Listen.Certificate? {
    let file = table.optionalFilePath("certificate_file")
    let keyFile = table.optionalFilePath("key_file")
    if let file, let keyFile { return Listen.Certificate(file: file, keyFile: keyFile) }
    if file != nil { table.note("key_file", "is missing: it goes with certificate_file") }
    if keyFile != nil { table.note("certificate_file", "is missing: it goes with key_file") }
    return nil
  }

  private static func readPort(
    _ table: ConfigurationTable, _ key: String, hasCertificate: Bool
  ) -> Listen.Port? {
    guard table.has(key) else { return nil }
    let text = table.text(key)
    let plain = "http://"
    let isPlain = text.hasPrefix(plain)
    let place = isPlain ? text.dropFirst(plain.count) : text[...]
    guard let colon = place.lastIndex(of: ":"),
      let number = Int(place[place.index(after: colon)...]), (0...65_535).contains(number),
      let host = address(place[..<colon])
    else {
      table.note(
        key,
        "must be an address and a port, as \"0.0.0.0:8443\", \"[::]:8443\" or, for plain "
          + "HTTP on this computer, \"http://127.0.0.1:8443\"")
      return nil
    }
    return Listen.Port(host: host, number: number, usesTLS: hasCertificate && !isPlain)
  }

  /// An address to listen on without its brackets; nil when it is none.
  private static func address(_ text: Substring) -> String? {
    if text == "localhost" { return "localhost" }
    var room = in6_addr()
    if text.hasPrefix("["), text.hasSuffix("]") {
      let inner = String(text.dropFirst().dropLast())
      return unsafe inet_pton(AF_INET6, inner, &room) == 1 ? inner : nil
    }
    return unsafe inet_pton(AF_INET, String(text), &room) == 1 ? String(text) : nil
  }
}
