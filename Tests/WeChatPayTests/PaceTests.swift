import BackOffice
import Platform
import Testing
import WeChatPay

/// What `board/pace` measures is the work itself, and all of it.
@Suite struct PaceTests {
  private let pace: PaymentPace

  init() throws {
    pace = try PaymentPace(corpus: "\(Files.directory(of: #filePath))/Resources/corpus")
  }

  @Test func everyNoticeOfTheMeasurementIsTakenAndNoneTwice() throws {
    let notices = try pace.notices(3)
    #expect(try pace.readNotices(notices).count == 3)
    // A refused notice would be a fast one: it ends the measurement.
    #expect(throws: NoticeRefusal.replayed) { try pace.readNotices([notices[0], notices[0]]) }
  }

  @Test func everyOrderOfTheMeasurementIsMade() throws {
    #expect(try pace.signOrders(2, .md5).count == 2)
  }

  @Test func thePeersNoticesAreTheSame() throws {
    let lines = try pace.noticeText(2).split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines[0].contains("Wechatpay-Nonce: pace0\t"))
    #expect(lines[1] == lines[3] && lines[1].hasPrefix("{"))
  }
}
