import CZlib
import NetworkClient
import Ordering
import Testing
import Timing

@testable import BackOffice
@testable import WeChatPay

/// Bills of v3: announced under a signature, fetched without, held together by a hash.
@Suite struct V3BillTests {
  private let shop: V3Shop
  private let text = Array("交易时间,公众账号ID\r\n`2026-01-01 00:01:23,`wx\r\n".utf8)

  init() throws { shop = try V3Shop() }

  private func announcement(
    hash: String? = nil, type: String = "SHA1",
    url: String = "https://api.mch.weixin.qq.com/v3/billdownload/file?token=6XIv%2B5-_"
  ) -> HTTPResponse {
    shop.publicKey.answer(
      #"{"hash_type":"\#(type)","hash_value":"\#(hash ?? Digest.sha1Hex(text).lowercased())","#
        + #""download_url":"\#(url)"}"#)
  }

  private func answer(
    _ announcement: HTTPResponse, _ file: HTTPResponse
  ) throws -> (BillAnswer, ScriptedPlatform) {
    let platform = ScriptedPlatform { call in
      call.outgoing.isForFile ? file : announcement
    }
    return (try shop.provider(platform).bill(.trades, ofDay: V3Shop.moment), platform)
  }

  @Test func aBillIsFetchedFromOurOwnHostAndCheckedAgainstItsHash() throws {
    let (answer, platform) = try answer(announcement(), Answer.raw(text))
    #expect(answer == .bill(text))
    #expect(
      platform.calls.map(\.path) == [
        "/v3/bill/tradebill?bill_date=2026-01-01&bill_type=ALL&tar_type=GZIP",
        "/v3/billdownload/file?token=6XIv%2B5-_",
      ])
    #expect(platform.calls.allSatisfy { $0.outgoing.headers["Authorization"] != nil })
  }

  @Test func aPackedBillIsUnpackedBeforeItIsHashed() throws {
    let (answer, _) = try answer(announcement(), Answer.raw(Packed.gzip(text)))
    #expect(answer == .bill(text))
  }

  @Test func theFundsHaveTheirOwnAddress() throws {
    let platform = ScriptedPlatform(Answer.raw("", status: 404))
    _ = try shop.provider(platform).bill(.funds, ofDay: V3Shop.moment)
    #expect(
      platform.calls.first?.path
        == "/v3/bill/fundflowbill?bill_date=2026-01-01&account_type=BASIC&tar_type=GZIP")
  }

  @Test func aBillThatIsNotTheAnnouncedOneIsNone() throws {
    for file in [
      text + [0x0A], Array(text.dropLast()), [], Array(Packed.gzip(text).dropLast()),
      Packed.gzip(text + [0x0A]), Packed.gzip([UInt8](repeating: 0, count: 70 << 20)),
    ] {
      guard case .unknown = try answer(announcement(), Answer.raw(file)).0 else {
        Issue.record("\(file.count) bytes were believed")
        continue
      }
    }
  }

  @Test func anAnnouncementThatIsNotSoundIsNotFollowed() throws {
    var unsigned = announcement()
    unsigned.headers = [:]
    for bad in [
      unsigned, announcement(hash: ""), announcement(hash: "00"), announcement(type: "MD5"),
      announcement(url: ""), announcement(url: "http://api.mch.weixin.qq.com/v3/billdownload/file"),
      announcement(url: "https://evil.example.com"), announcement(url: "https://x/y/v3/file"),
      announcement(url: "https://x/v3/a b"), announcement(url: "/v3/billdownload/file?token=x"),
    ] {
      let (answer, platform) = try answer(bad, Answer.raw(text))
      guard case .unknown = answer else {
        Issue.record("followed")
        continue
      }
      #expect(!platform.calls.contains { $0.outgoing.isForFile })
    }
    // A foreign host is not asked: path and query go to ours.
    let foreign = announcement(url: "https://evil.example.com/v3/billdownload/file?token=x")
    #expect(try answer(foreign, Answer.raw(text)).0 == .bill(text))
  }

  @Test func anEmptyDayAndAnUnfinishedBillAreTold() throws {
    for (code, expected) in [
      ("NO_STATEMENT_EXIST", BillAnswer.noTrades), ("NOSTATEMENTEXIST", .noTrades),
      ("STATEMENT_CREATING", .notReady),
    ] {
      let refusal = V3Text.unsigned(400, V3Text.failure(code))
      #expect(try answer(refusal, Answer.raw(text)).0 == expected)
    }
    guard
      case .refused(let refusal) = try answer(
        V3Text.unsigned(403, V3Text.failure("NO_AUTH")), Answer.raw(text)
      ).0
    else {
      Issue.record("not refused")
      return
    }
    #expect(refusal.reaction == .stopAndAlarm)
    guard
      case .unknown = try answer(
        V3Text.unsigned(500, V3Text.failure("SYSTEM_ERROR")), Answer.raw(text)
      ).0
    else {
      Issue.record("not unknown")
      return
    }
  }
}

/// Packs as `gzip` does.
enum Packed {
  static func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var packed = [UInt8](repeating: 0, count: bytes.count + 1024)
    let room = packed.count
    var input = bytes
    var stream = z_stream()
    let count = withUnsafeMutablePointer(to: &stream) { stream in
      deflateInit2_(
        stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
        Int32(MemoryLayout<z_stream>.size))
      return input.withUnsafeMutableBufferPointer { source in
        packed.withUnsafeMutableBufferPointer { target in
          stream.pointee.next_in = source.baseAddress
          stream.pointee.avail_in = UInt32(source.count)
          stream.pointee.next_out = target.baseAddress
          stream.pointee.avail_out = UInt32(room)
          deflate(stream, Z_FINISH)
          deflateEnd(stream)
          return room - Int(stream.pointee.avail_out)
        }
      }
    }
    return Array(packed.prefix(count))
  }
}
