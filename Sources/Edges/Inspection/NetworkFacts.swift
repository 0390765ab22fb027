internal import Glibc
public import Platform

/// One network interface that is no loopback.
public struct NetworkInterface: Hashable, Sendable {
  public var name: String
  /// Whether it is switched on and has a carrier.
  public var isRunning: Bool
  /// Its addresses in text, IPv4 first.
  public var addresses: [String]

  /// Describes an interface.
  public init(name: String, isRunning: Bool, addresses: [String]) {
    (self.name, self.isRunning, self.addresses) = (name, isRunning, addresses)
  }
}

/// The network as this computer sees it; nothing is sent but where a function says so.
public enum NetworkFacts {
  /// The interfaces but the loopback, by name.
  public static func interfaces() throws(SystemError) -> [NetworkInterface] {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard unsafe getifaddrs(&list) == 0 else { throw .last("getifaddrs") }
    defer { unsafe freeifaddrs(list) }
    var found: [String: NetworkInterface] = [:]
    var next = unsafe list
    while let entry = unsafe next {
      unsafe next = entry.pointee.ifa_next
      let flags = unsafe Int32(bitPattern: entry.pointee.ifa_flags)
      let name = unsafe String(cString: entry.pointee.ifa_name)
      guard flags & Int32(IFF_LOOPBACK) == 0 else { continue }
      let isRunning = flags & Int32(IFF_UP) != 0 && flags & Int32(IFF_RUNNING) != 0
      var interface =
        found[name] ?? NetworkInterface(name: name, isRunning: isRunning, addresses: [])
      if let address = unsafe entry.pointee.ifa_addr, let text = unsafe numeric(address) {
        interface.addresses.append(text)
      }
      found[name] = interface
    }
    return found.values.sorted { $0.name < $1.name }
  }

  /// The name of the interface that the default route leaves by, IPv4 before IPv6; nil without one.
  ///
  /// `four` and `six` are the texts of `/proc/net/route` and `/proc/net/ipv6_route` (proc(5)).
  public static func defaultRoute(four: String, six: String) -> String? {
    for line in four.split(separator: "\n").dropFirst() {
      let fields = line.split(whereSeparator: \.isWhitespace)
      // Destination and mask are zero, and the route is up (RTF_UP, bit 0).
      guard fields.count >= 8, fields[1] == "00000000", fields[7] == "00000000",
        let flags = Int(fields[3], radix: 16), flags & 1 == 1
      else { continue }
      return String(fields[0])
    }
    for line in six.split(separator: "\n") {
      let fields = line.split(whereSeparator: \.isWhitespace)
      guard fields.count >= 10, fields[0].allSatisfy({ $0 == "0" }), fields[1] == "00",
        let flags = Int(fields[8], radix: 16), flags & 1 == 1, fields[9] != "lo"
      else { continue }
      return String(fields[9])
    }
    return nil
  }

  /// The gateway of the default route of IPv4, in text; nil without one.
  ///
  /// `four` is the text of `/proc/net/route`, whose addresses are in the computer's byte order.
  public static func gateway(four: String) -> String? {
    for line in four.split(separator: "\n").dropFirst() {
      let fields = line.split(whereSeparator: \.isWhitespace)
      guard fields.count >= 8, fields[1] == "00000000", fields[7] == "00000000",
        let number = UInt32(fields[2], radix: 16), number != 0
      else { continue }
      return [0, 8, 16, 24].map { String(number >> $0 & 0xFF) }.joined(separator: ".")
    }
    return nil
  }

  @unsafe
  private static func numeric(_ address: UnsafePointer<sockaddr>) -> String? {
    let family = unsafe Int32(address.pointee.sa_family)
    guard family == AF_INET || family == AF_INET6 else { return nil }
    let length =
      family == AF_INET ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
    var text = [CChar](repeating: 0, count: 64)
    let result = unsafe getnameinfo(
      address, socklen_t(length), &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
    guard result == 0 else { return nil }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
