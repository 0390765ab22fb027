import Core
import CoreService
import FleetStorage
@testable import FleetWeb
import Foundation
import Ordering
import Testing
import Timing

/// Writes the console's pages as files for `board/console`, which has a browser draw them, and what
/// Prometheus would be told.
///
/// Everything in them is fixed, the clock too: the same pages come out every time.
@Suite("Pages for pictures")
struct ConsolePictures {
  static let folder = ProcessInfo.processInfo.environment["VEND_CONSOLE_PAGES"]

  @Test(
    "of a small fleet's afternoon are written where they are wanted", .enabled(if: folder != nil))
  func write() async throws {
    let folder = try #require(Self.folder)
    let shop = try await ConsoleShop()
    let held = try await Self.afternoon(shop)
    let (admin, clerk) = (try await shop.token(.admin), try await shop.token(.clerk))
    let pages: [(String, String, String?)] = [
      ("login", "/console/login", nil), ("overview", "/console", clerk),
      ("cases", "/console/cases", clerk), ("orders", "/console/orders", clerk),
      ("order", "/console/orders/\(held)", clerk),
      ("decide", "/console/orders/\(held)/decide/refund", clerk),
      ("machines", "/console/machines", admin), ("machine", "/console/machines/SH-CAMPUS-2", admin),
      ("prices", "/console/prices", admin), ("list", "/console/prices/%2A", admin),
      ("edit", "/console/prices/%2A/edit", admin), ("days", "/console/days", clerk),
      ("day", "/console/days/2027-01-14", clerk), ("log", "/console/log", admin),
      ("operators", "/console/operators", admin), ("password", "/console/password", clerk),
      ("missing", "/console/orders/NOSUCHORDER", clerk),
    ]
    for language in ["en", "zh"] {
      for (name, target, token) in pages {
        let reply = await shop.ask(.get, target, token: token, language: language)
        let text = reply.body.replacing(ConsoleStyle.path, with: "style.css")
        try text.write(
          toFile: "\(folder)/\(name)-\(language).html", atomically: true, encoding: .utf8)
      }
    }
    try MetricsText.text(shop.core.counters, heldPolls: 3).write(
      toFile: "\(folder)/metrics.txt", atomically: true, encoding: .utf8)
    try ConsoleStyle.text.write(
      toFile: "\(folder)/style.css", atomically: true, encoding: .utf8)
  }

  /// Sells for a while; gives a held order.
  static func afternoon(_ shop: ConsoleShop) async throws -> OrderNumber {
    let goods = [
      ("Mineral water 500 ml", Int64(200)), ("Green tea", 450), ("乌龙茶", 500), ("Cola 330 ml", 350),
      ("Peanuts", 650),
    ]
    let machines = ["SH-CAMPUS-1", "SH-CAMPUS-2", "SH-METRO-12", "SH-METRO-4", "SH-PARK-7"]
    var held: OrderNumber?
    for index in 0..<38 {
      let state: OrderState =
        switch index {
        case 12, 29: .held
        case 21: .refundOwed
        case 9: .permitted
        case 36: .paid
        case 37: .open
        default: index % 7 == 5 ? .closed : .delivered
        }
      let (title, fen) = goods[index * 3 % goods.count]
      let number = try await shop.order(
        index, state, machine: machines[index * 7 % machines.count], fen: fen, title: title)
      if state == .held { held = number }
      shop.clocks.push(.seconds(31))
    }
    for name in ["SH-CAMPUS-1", "SH-CAMPUS-3", "SH-METRO-12", "SH-PARK-7"] {
      try shop.machine(name, heard: .seconds(40))
    }
    try shop.machine("SH-CAMPUS-2", faults: #"["L1 21","S2"]"#, heard: .seconds(75))
    try shop.machine("SH-METRO-4", faults: #"["D1"]"#, heard: .seconds(20))
    try shop.machine("SH-DEPOT-1", heard: .seconds(9000))
    try shop.machine("SH-METRO-15", heard: nil, waiting: true)
    for (version, lanes) in [
      ["11": Int64(200), "12": 450, "13": 500],
      ["11": 200, "12": 450, "13": 500, "21": 350, "22": 650],
      ["11": 250, "12": 450, "13": 500, "21": 350, "22": 650],
    ].enumerated() {
      _ = try await shop.core.writePrices(
        FleetCore.wholeFleet, lanes: lanes, expecting: Int64(version), by: "wang.fang")
    }
    _ = try await shop.core.writePrices(
      "SH-PARK-7", lanes: ["11": 300], expecting: 0, by: "wang.fang")
    for day in 9...14 {
      let line = #""SH001TEST9: 3.50 CNY were paid for an order that is not known here""#
      let differs = day == 12
      let body = """
        {"day":"2027-01-\(day)","payments":\(190 + day),"paidFen":\(80_000 + day * 1234),\
        "refunds":2,"refundedFen":800,"deliveredFen":\(79_200 + day * 1234),"backFen":800,\
        "openFen":0,"differences":\(differs ? 1 : 0),"state":"\(differs ? "differs" : "agrees")",\
        "lines":[\(differs ? line : "")]}
        """
      let name = "2027-01-\(day < 10 ? "0" : "")\(day)"
      _ = try shop.store.put(
        Document(
          kind: .day, name: name, at: shop.clocks.wallTime, author: "vendpay", body: body),
        expecting: 0, fence: nil)
    }
    _ = await shop.people.add("li.wei", .clerk, password: ConsoleShop.password, by: "wang.fang")
    guard let held else { throw ConsoleShop.Unfit() }
    return held
  }
}
