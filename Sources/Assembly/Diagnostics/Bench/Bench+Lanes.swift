public import Control
internal import MachineFiles
internal import NetworkClient
internal import Platform
internal import Storage
internal import Timing
public import Vending

// Stock, prices, lanes; tests of lanes in turn; the service code.
extension Bench {
  /// The lanes, as the daemon sells them.
  public func lanes() throws(BenchError) -> [MachineStatus.LaneLine] { try status().lanes }

  /// Changes stock, a price or a lane, in the asking user's name.
  public func grant(_ wish: Wish) throws(BenchError) -> String { try command(.wish(wish)) }

  /// What the parts say at this moment; nil without a daemon.
  public func parts() throws(BenchError) -> PartsReport? {
    guard let reply = try ask(.parts, within: .seconds(2)) else { return nil }
    guard case .parts(let parts) = reply else { throw BenchError.anotherAnswer }
    return parts
  }

  /// Whether a relay may be switched on without being told to: with the door open, nobody buys.
  public func isOpen() throws(BenchError) -> Bool { try parts()?.doorIsOpen == true }

  /// The codes of the lanes, in the machine file's order.
  public var laneCodes: [String] { configuration.lanes.map(\.code) }

  /// Tries lanes one after another, each so many times, and says how each try ended.
  ///
  /// It ends with the first try that fails, unless it is to go on.
  public func tryLanes(
    _ codes: [String], times: Int, isWhole: Bool, goesOn: Bool, say: (String) -> Void
  ) throws(BenchError) -> String {
    guard (1...1000).contains(times) else { throw .refused("1 to 1000 times", "次数范围 1 至 1000") }
    for code in codes { _ = try relayPlan(lane: code) }
    var (well, failed) = (0, [String]())
    for code in codes {
      for turn in 1...times {
        do throws(BenchError) {
          let words = try tryOnce(code, isWhole: isWhole)
          well += 1
          say(times == 1 ? words : "\(turn)/\(times) \(words)")
        } catch {
          guard case .refused(let words) = error else { throw error }
          failed.append(code)
          say("\(turn)/\(times) \(words.english)")
          guard goesOn else {
            throw .refused(
              "\(well) well, then lane \(code) failed: \(words.english)",
              "成功 \(well) 次，之后货道 \(code) 失败：\(words.chinese)")
          }
        }
      }
    }
    guard failed.isEmpty else {
      throw .refused(
        "\(well) well, \(failed.count) failed: \(Words.few(failed))",
        "成功 \(well) 次，失败 \(failed.count) 次：\(Words.few(failed))")
    }
    return "\(well) of \(well) well"
  }

  private func tryOnce(_ code: String, isWhole: Bool) throws(BenchError) -> String {
    guard isWhole else { return try testRelay(lane: code) { _ in } }
    guard let reply = try ask(.testVend(lane: code), within: .seconds(60)) else {
      throw .unreachable(
        "vendd does not run, and it alone awaits drops", "vendd 未运行，只有它能检测掉货")
    }
    guard case .done(let words) = reply else { throw BenchError.anotherAnswer }
    return words
  }

  /// Writes the hash of a service code where the machine file says; the daemon reads it at its next
  /// start.
  public func setServiceCode(_ code: String) throws(BenchError) -> String {
    guard let service = configuration.service else {
      throw .refused("the machine file has no [service] table", "机器文件没有 [service] 表")
    }
    guard (4...12).contains(code.count), code.allSatisfy({ "0123456789".contains($0) }) else {
      throw .refused("a service code is 4 to 12 digits", "维护密码为 4 至 12 位数字")
    }
    guard Set(code).count > 1, !"01234567890123456789".contains(code) else {
      throw .refused(
        "\(code) is the first that anybody tries: take another", "\(code) 太容易被猜到，请换一个")
    }
    let salt = (0..<2).flatMap { _ in
      let bits = RandomBits.next()
      return (0..<8).map { UInt8(truncatingIfNeeded: bits >> ($0 * 8)) }
    }
    do throws(SystemError) {
      let text = CodeHash(of: code, salt: salt).text + "\n"
      try Files.replace(service.codeFile, with: Array(text.utf8), permissions: 0o600)
    } catch {
      throw .refused(.both("\(error)"))
    }
    return "\(service.codeFile): written; it counts from the next start: systemctl restart vendd"
  }

  /// Looks at the machine once, for `vendctl watch`.
  public func watch() -> WatchText.Sight {
    do throws(BenchError) {
      guard let parts = try parts() else {
        let socket = configuration.controlSocket
        return .silent(Bilingual("nobody listens at \(socket)", "\(socket) 上没有程序在运行"))
      }
      return .running(try status(), parts)
    } catch {
      return .silent(error.words)
    }
  }
}
